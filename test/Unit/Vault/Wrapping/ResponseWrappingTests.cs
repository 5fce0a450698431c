using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Leases;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Wrapping;

public sealed class ResponseWrappingTests
{
    private const string Invalid = "wrapping token is not valid or does not exist";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Wrap_showsOnlyWrapInfo_andUnwrapGivesTheOriginalOnce()
    {
        await using TestVault vault = await TestVault.StartAsync();
        TestResponse wrapped = await vault.SendAsync(Operation.Update, "sys/wrapping/wrap", """{"zip":[1,2.50,"ü\n"],"n":12345678901234567890}""", wrapTtl: Minute);
        Assert.Equal(200, wrapped.Status);
        Assert.Equal(("", "", JsonValueKind.Null), (wrapped.Json.GetProperty("request_id").GetString(), wrapped.Json.GetProperty("lease_id").GetString(), wrapped.Data.ValueKind));
        JsonElement info = wrapped.Json.GetProperty("wrap_info");
        Assert.Equal((60, "sys/wrapping/wrap"), (info.GetProperty("ttl").GetInt32(), info.GetProperty("creation_path").GetString()));
        string token = TokenOf(wrapped);
        TestResponse original = await vault.WriteAsync("sys/wrapping/unwrap", "{}", token);
        Assert.Equal("""{"zip":[1,2.50,"ü\n"],"n":12345678901234567890}""", original.Data.GetRawText());
        Assert.NotEqual("", original.Json.GetProperty("request_id").GetString());
        Assert.Equal("system", original.Json.GetProperty("mount_type").GetString());
        TestResponse again = await vault.WriteAsync("sys/wrapping/unwrap", "{}", token);
        Assert.Equal((400, Invalid), (again.Status, again.Error));
        Assert.Equal(0, (await vault.Kernel().Barrier.ListKeysAsync("sys/cubbyhole/", "", 10, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task Unwrap_withTheTokenInTheBody_needsAnotherTokenThatMay()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string caller = await vault.TokenAsync("""{"policies":"default"}""");
        string token = TokenOf(await WrapAsync(vault));
        string body = $$"""{"token":"{{token}}"}""";
        Assert.Equal(403, (await vault.WriteAsync("sys/wrapping/unwrap", body, "")).Status);
        Assert.Equal("b", (await vault.WriteAsync("sys/wrapping/unwrap", body, caller)).Data.GetProperty("a").GetString());
        Assert.Equal((400, Invalid), Answer(await vault.WriteAsync("sys/wrapping/unwrap", body, caller)));
    }

    [Fact]
    public async Task Unwrap_withTheSameTokenInHeaderAndBody_works()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = TokenOf(await WrapAsync(vault));
        Assert.Equal("b", (await vault.WriteAsync("sys/wrapping/unwrap", $$"""{"token":"{{token}}"}""", token)).Data.GetProperty("a").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Unwrap_by64AtOnce_succeedsOnce(bool isInBody)
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = TokenOf(await WrapAsync(vault));
        TestResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => isInBody
            ? vault.WriteAsync("sys/wrapping/unwrap", $$"""{"token":"{{token}}"}""")
            : vault.WriteAsync("sys/wrapping/unwrap", "{}", token))));
        Assert.Equal(1, answers.Count(a => a.Status == 200));
        Assert.All(answers.Where(a => a.Status != 200), a => Assert.InRange(a.Status, 400, 403));
    }

    [Theory]
    [InlineData("unwrap")]
    [InlineData("rewrap")]
    [InlineData("lookup")]
    public async Task WrappingToken_expiredUsedOrForeign_isRefusedWithOneText(string operation)
    {
        await using TestVault vault = await TestVault.StartAsync();
        string path = "sys/wrapping/" + operation;
        string expired = TokenOf(await WrapAsync(vault));
        vault.Time.Advance(Minute);
        string used = TokenOf(await WrapAsync(vault));
        await vault.WriteAsync("sys/wrapping/unwrap", "{}", used);
        string ordinary = await vault.TokenAsync("""{"policies":"root"}""");
        foreach (string bad in new[] { expired, used, "hvs.nobody" })
        {
            Assert.Equal((400, Invalid), Answer(await vault.WriteAsync(path, "{}", bad)));
            Assert.Equal((400, Invalid), Answer(await vault.WriteAsync(path, $$"""{"token":"{{bad}}"}""")));
        }
        Assert.Equal((400, Invalid), Answer(await vault.WriteAsync(path, "{}", ordinary)));
        Assert.Equal((400, Invalid), Answer(await vault.WriteAsync(path, $$"""{"token":"{{ordinary}}"}""")));
        Assert.True(await vault.IsAliveAsync(ordinary));
    }

    [Fact]
    public async Task Lookup_needsNoToken_andTakesNoUse()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = TokenOf(await WrapAsync(vault));
        string body = $$"""{"token":"{{token}}"}""";
        JsonElement data = (await vault.WriteAsync("sys/wrapping/lookup", body, "")).Data;
        Assert.Equal("sys/wrapping/wrap", data.GetProperty("creation_path").GetString());
        Assert.Equal("2026-01-01T00:00:00Z", data.GetProperty("creation_time").GetString());
        Assert.Equal(60, data.GetProperty("creation_ttl").GetInt32());
        Assert.Equal(200, (await vault.ReadAsync("sys/wrapping/lookup", token)).Status);
        Assert.Equal(200, (await vault.WriteAsync("sys/wrapping/unwrap", "{}", token)).Status);
    }

    [Fact]
    public async Task Rewrap_movesTheContent_andEndsTheOldToken()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string old = TokenOf(await WrapAsync(vault));
        await vault.PolicyAsync("rewrapper", """path "sys/wrapping/rewrap" { capabilities = ["update"] }""");
        string caller = await vault.TokenAsync("""{"policies":"rewrapper"}""");
        TestResponse response = await vault.WriteAsync("sys/wrapping/rewrap", $$"""{"token":"{{old}}"}""", caller);
        JsonElement info = response.Json.GetProperty("wrap_info");
        Assert.Equal((60, "sys/wrapping/wrap"), (info.GetProperty("ttl").GetInt32(), info.GetProperty("creation_path").GetString()));
        Assert.Equal((400, Invalid), Answer(await vault.WriteAsync("sys/wrapping/unwrap", "{}", old)));
        Assert.Equal("b", (await vault.WriteAsync("sys/wrapping/unwrap", "{}", TokenOf(response))).Data.GetProperty("a").GetString());
    }

    [Fact]
    public async Task WrappingToken_mayReadItsCubbyholeAndNothingElse()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = TokenOf(await WrapAsync(vault));
        JsonElement data = (await vault.ReadAsync("cubbyhole/response", token)).Data;
        Assert.Equal("b", JsonDocument.Parse(data.GetProperty("response").GetString() ?? "").RootElement.GetProperty("data").GetProperty("a").GetString());
        string other = TokenOf(await WrapAsync(vault));
        Assert.Equal(403, (await vault.ReadAsync("auth/token/lookup-self", other)).Status);
        Assert.Equal((400, Invalid), Answer(await vault.WriteAsync("sys/wrapping/unwrap", "{}", other)));
    }

    [Fact]
    public async Task Wrap_withoutTtl_isRefused()
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.Equal((400, "endpoint requires response wrapping to be used"), Answer(await vault.WriteAsync("sys/wrapping/wrap", """{"a":"b"}""")));
    }

    [Fact]
    public async Task Wrap_ofAnEmptyListOrAnEmptySuccess_wrapsNothing()
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.Equal(404, (await vault.SendAsync(Operation.List, "cubbyhole", wrapTtl: Minute)).Status);
        Assert.Equal(204, (await vault.SendAsync(Operation.Update, "cubbyhole/x", """{"a":"b"}""", wrapTtl: Minute)).Status);
    }

    [Fact]
    public async Task Wrap_ofALogin_showsItsAccessor_andUnwrapItsToken()
    {
        await using TestVault vault = await TestVault.StartAsync();
        TestResponse wrapped = await vault.SendAsync(Operation.Update, "auth/token/create", """{"policies":"default"}""", wrapTtl: Minute);
        string accessor = wrapped.Json.GetProperty("wrap_info").GetProperty("wrapped_accessor").GetString() ?? "";
        Assert.Equal(JsonValueKind.Null, wrapped.Json.GetProperty("auth").ValueKind);
        JsonElement auth = (await vault.WriteAsync("sys/wrapping/unwrap", "{}", TokenOf(wrapped))).Json.GetProperty("auth");
        Assert.Equal(accessor, auth.GetProperty("accessor").GetString());
        Assert.True(await vault.IsAliveAsync(auth.GetProperty("client_token").GetString() ?? ""));
    }

    [Fact]
    public async Task Wrap_ofALeasedSecret_keepsTheLeaseInTheOriginal()
    {
        var world = new OutsideWorld();
        await using TestVault vault = await LeaseTestVault.StartAsync(world);
        TestResponse wrapped = await vault.SendAsync(Operation.Update, "counter/creds/app", "{}", wrapTtl: Minute);
        Assert.Equal("", wrapped.Json.GetProperty("lease_id").GetString());
        TestResponse original = await vault.WriteAsync("sys/wrapping/unwrap", "{}", TokenOf(wrapped));
        Assert.Equal(200, (await vault.OnLeaseAsync("lookup", original.Json.GetProperty("lease_id").GetString() ?? "")).Status);
    }

    [Fact]
    public async Task WrappingTokens_expired_leaveNothing()
    {
        await using TestVault vault = await TestVault.StartAsync();
        int before = (await vault.Kernel().Barrier.ListKeysAsync("sys/", "", 1_000, CancellationToken.None)).Count;
        for (int i = 0; i < 20; i++)
            await WrapAsync(vault);
        vault.Time.Advance(Minute);
        await vault.Kernel().Leases.Sweeper.SweepAsync(CancellationToken.None);
        Assert.Equal(before, (await vault.Kernel().Barrier.ListKeysAsync("sys/", "", 1_000, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task WrappingTokens_surviveARestart()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = TokenOf(await WrapAsync(vault));
        await vault.Node.SealAsync();
        await vault.UnsealAsync();
        Assert.Equal("b", (await vault.WriteAsync("sys/wrapping/unwrap", "{}", token)).Data.GetProperty("a").GetString());
    }

    private static Task<TestResponse> WrapAsync(TestVault vault) =>
        vault.SendAsync(Operation.Update, "sys/wrapping/wrap", """{"a":"b"}""", wrapTtl: Minute);

    private static string TokenOf(TestResponse wrapped) => wrapped.Json.GetProperty("wrap_info").GetProperty("token").GetString() ?? "";

    private static (int, string) Answer(TestResponse response) => (response.Status, response.Error);
}
