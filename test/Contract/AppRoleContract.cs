using System.Text.Json;
using Candlefish.Secrets.Tests.Support;

namespace Candlefish.Secrets.Tests.Contract;

public sealed class AppRoleContract : AuthMethodContract
{
    protected override string Type => "approle";

    protected override bool FollowsPolicies => false;

    protected override async Task<TestAccount> CreateAccountAsync(TestVault vault, string terms)
    {
        TestResponse created = await vault.WriteAsync(Mount + "role/worker", "{" + terms + "}");
        if (created.Status != 204)
            throw new InvalidOperationException(created.Text);
        string roleId = (await vault.ReadAsync(Mount + "role/worker/role-id")).Data.GetProperty("role_id").GetString() ?? "";
        string secretId = (await vault.WriteAsync(Mount + "role/worker/secret-id")).Data.GetProperty("secret_id").GetString() ?? "";
        string Body(string role, string secret) => JsonSerializer.Serialize(new { role_id = role, secret_id = secret });
        return new TestAccount(
            Mount + "role/worker",
            Mount + "login",
            Body(roleId, secretId),
            (Mount + "login", Body(roleId, "c0ffee-wrong")),
            (Mount + "login", Body("nobody", "c0ffee-wrong")),
            [secretId, "c0ffee-wrong"]);
    }
}

public sealed class AppRoleBackendContract : BackendContract
{
    protected override (string Path, string Body) Enable => ("sys/auth/machines", """{"type":"approle"}""");

    protected override async Task PrepareAsync(TestVault vault, string mount)
    {
        await vault.WriteAsync(mount + "role/c1", """{"token_policies":"dev","token_bound_cidrs":"127.0.0.0/8"}""");
        await vault.WriteAsync(mount + "role/c1/secret-id");
    }
}
