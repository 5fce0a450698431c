using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Tokens;

public sealed class LoginErrorTests
{
    [Theory]
    [InlineData("both")]
    [InlineData("both-kept")]
    [InlineData("root")]
    [InlineData("refused")]
    [InlineData("crash")]
    public async Task Row035_Error_besideALogin_leavesNoToken(string how)
    {
        await using TestVault vault = await TestVault.StartAsync(backends: c => c.AuthMethod("odd", (_, _) => new OddMethod()));
        await vault.WriteAsync("sys/auth/odd", """{"type":"odd"}""");
        int before = await TokensAsync(vault);
        TestResponse response = await vault.WriteAsync("auth/odd/login/" + how, "{}", "");
        Assert.True(response.Status >= 400, response.Text);
        Assert.False(response.Json.TryGetProperty("auth", out _));
        Assert.Equal(before, await TokensAsync(vault));
        Assert.Equal(200, (await vault.WriteAsync("auth/odd/login/good", "{}", "")).Status);
        Assert.Equal(before + 1, await TokensAsync(vault));
    }

    private static async Task<int> TokensAsync(TestVault vault) =>
        (await vault.Kernel().Barrier.ListKeysAsync("sys/token/id/", "", 1_000, CancellationToken.None)).Count;

    /// <summary>Answers a login and an error at once, or fails after the login was made.</summary>
    private sealed class OddMethod : IBackend
    {
        public RouteTable Routes { get; } = new(Route.At("login/{how}", "Logs in.").Writes(LoginAsync).Unauthenticated());

        private static ValueTask<VaultResponse> LoginAsync(RequestContext context)
        {
            string how = context.Capture("how");
            context.KeepsWritesOnError = how == "both-kept";
            bool isError = how is "both" or "both-kept";
            return how switch
            {
                "refused" => throw RequestRefused.BadRequest("no"),
                "crash" => throw new InvalidOperationException("crash"),
                _ => ValueTask.FromResult(new VaultResponse
                {
                    Status = isError ? 400 : 200,
                    Errors = isError ? ["no"] : null,
                    Login = new LoginResult { AliasName = "a", DisplayName = "a", Policies = how == "root" ? ["root"] : ["dev"] },
                }),
            };
        }
    }
}
