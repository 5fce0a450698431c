using Candlefish.Secrets.Tests.Support;

namespace Candlefish.Secrets.Tests.Contract;

public sealed class UserpassContract : AuthMethodContract
{
    protected override string Type => "userpass";

    protected override async Task<TestAccount> CreateAccountAsync(TestVault vault, string terms)
    {
        TestResponse created = await vault.WriteAsync(Mount + "users/worker", $$"""{"password":"correct horse","{{terms.TrimStart().TrimStart('"')}}}""");
        if (created.Status != 204)
            throw new InvalidOperationException(created.Text);
        return new TestAccount(
            Mount + "users/worker",
            Mount + "login/worker",
            """{"password":"correct horse"}""",
            (Mount + "login/worker", """{"password":"wrong-battery"}"""),
            (Mount + "login/nobody", """{"password":"wrong-battery"}"""),
            ["correct horse", "wrong-battery", "argon2id"]);
    }
}

public sealed class UserpassBackendContract : BackendContract
{
    protected override (string Path, string Body) Enable => ("sys/auth/people", """{"type":"userpass"}""");

    protected override Task PrepareAsync(TestVault vault, string mount) =>
        vault.WriteAsync(mount + "users/c1", """{"password":"p","token_policies":"dev"}""");
}
