using System.Net;
using System.Text;
using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Tests.Unit.Vault.Audit;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Quotas;

public sealed class RateLimitTests
{
    private const string Ann = "192.0.2.1";
    private const string Bob = "192.0.2.2";

    [Fact]
    public async Task Rule_perClientAndInterval_refusesWith429UntilTheIntervalEnds()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await WriteAsync(vault, "global", """{"rate":3,"interval":"10s"}""");
        for (int i = 0; i < 3; i++)
            Assert.Equal(200, (await GetAsync(vault, Ann)).Status);
        VaultResponse refused = await GetAsync(vault, Ann);
        Assert.Equal(429, refused.Status);
        Assert.Equal(["request path \"sys/mounts\": rate limit quota exceeded"], refused.Errors);
        Assert.Equal("10", refused.Headers?["Retry-After"]);
        Assert.False(refused.Headers?.ContainsKey("X-Ratelimit-Limit"));
        Assert.Equal(200, (await GetAsync(vault, Bob)).Status);
        vault.Time.Advance(TimeSpan.FromSeconds(9.5));
        refused = await GetAsync(vault, Ann);
        Assert.Equal((429, "1"), (refused.Status, refused.Headers?["Retry-After"]));
        vault.Time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(200, (await GetAsync(vault, Ann)).Status);
    }

    [Fact]
    public async Task BlockInterval_overTheLimit_blocksFromTheFirstRefusalOn()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await WriteAsync(vault, "global", """{"rate":1,"block_interval":"1m"}""");
        Assert.Equal(200, (await GetAsync(vault, Ann)).Status);
        Assert.Equal(429, (await GetAsync(vault, Ann)).Status);
        vault.Time.Advance(TimeSpan.FromSeconds(59));
        VaultResponse refused = await GetAsync(vault, Ann);
        Assert.Equal((429, "1"), (refused.Status, refused.Headers?["Retry-After"]));
        vault.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await GetAsync(vault, Ann)).Status);
    }

    [Fact]
    public async Task Headers_whenEnabled_areOnEveryAnswerUnderARule()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/quotas/config", """{"enable_rate_limit_response_headers":true}""");
        await WriteAsync(vault, "g", """{"rate":2,"interval":"1m"}""");
        vault.Time.Advance(TimeSpan.FromHours(1));
        VaultResponse first = await GetAsync(vault, Ann);
        vault.Time.Advance(TimeSpan.FromSeconds(15));
        VaultResponse second = await GetAsync(vault, Ann), third = await GetAsync(vault, Ann);
        string[] Shown(VaultResponse r) => [.. new[] { "X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset" }.Select(h => r.Headers?.GetValueOrDefault(h) ?? "")];
        Assert.Equal(["2", "1", "60"], Shown(first));
        Assert.Equal(["2", "0", "45"], Shown(second));
        Assert.Equal(["2", "0", "45"], Shown(third));
        Assert.Equal([200, 200, 429], new[] { first, second, third }.Select(r => r.Status));
    }

    [Fact]
    public async Task Rule_mostSpecific_countsAlone()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/mounts/kv", """{"type":"kv"}""");
        (string Rule, string Path, int Rate)[] rules = [("path", "kv/a/b", 1), ("long", "kv/a/*", 2), ("short", "kv/a*", 3), ("mount", "kv", 4), ("global", "", 5)];
        foreach ((string rule, string path, int rate) in rules)
            await WriteAsync(vault, rule, $$"""{"path":"{{path}}","rate":{{rate}},"interval":"1h"}""");
        foreach ((string path, int rate) in new[] { ("kv/a/b", 1), ("kv/a/c", 2), ("kv/ab", 3), ("kv/x", 4), ("cubbyhole/x", 5), ("nothing/here", 0) })
        {
            int admitted = 0;
            while ((await GetAsync(vault, Ann, path)).Status != 429)
                admitted++;
            Assert.Equal(rate, admitted);
        }
    }

    [Fact]
    public async Task Clients_areIpv4AddressesAndIpv6Networks()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await WriteAsync(vault, "g", """{"rate":1,"interval":"1h"}""");
        (string Address, int Status)[] asked =
        [
            ("2001:db8:0:1::1", 200), ("2001:db8:0:1:ffff::2", 429), ("2001:db8:0:2::1", 200),
            ("192.0.2.9", 200), ("::ffff:192.0.2.9", 429), ("192.0.2.10", 200),
        ];
        foreach ((string address, int status) in asked)
            Assert.Equal(status, (await GetAsync(vault, address)).Status);
    }

    [Fact]
    public async Task ExemptPaths_areNeverLimited()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/quotas/config", """{"rate_limit_exempt_paths":["/v1/sys/mounts","cubbyhole/*"]}""");
        await WriteAsync(vault, "g", """{"rate":1,"interval":"1h"}""");
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(200, (await GetAsync(vault, Ann)).Status);
            Assert.Equal(404, (await GetAsync(vault, Ann, "cubbyhole/x")).Status);
        }
        Assert.Equal(200, (await GetAsync(vault, Ann, "sys/auth")).Status);
        Assert.Equal(429, (await GetAsync(vault, Ann, "sys/auth")).Status);
    }

    [Fact]
    public async Task Row102_limitedRequest_isRefusedBeforeItsBodyAndTokenAreLookedAt()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/quotas/config", """{"enable_rate_limit_audit_logging":true}""");
        await WriteAsync(vault, "g", """{"rate":1,"interval":"1h"}""");
        string token = await LimitedTokenAsync(vault);
        Assert.Equal(400, (await SendAsync(vault, Ann, "cubbyhole/x", Operation.Update, "{ no json", vault.RootToken)).Status);
        for (int i = 0; i < 3; i++)
            Assert.Equal(429, (await SendAsync(vault, Ann, "cubbyhole/x", Operation.Update, "{ no json", token)).Status);
        // The token had two uses; the refused requests took none.
        Assert.Equal(204, (await SendAsync(vault, Bob, "cubbyhole/x", Operation.Update, """{"a":"b"}""", token)).Status);
    }

    [Fact]
    public async Task UnknownNamespaces_areLimitedLikeEverythingElse()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await WriteAsync(vault, "g", """{"rate":1,"interval":"1h"}""");
        Assert.Equal(404, (await SendAsync(vault, Ann, "x", Operation.Read, null, vault.RootToken, "no-such")).Status);
        Assert.Equal(429, (await SendAsync(vault, Ann, "x", Operation.Read, null, vault.RootToken, "other")).Status);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 3)]
    public async Task Refusals_appearInTheTrailOnlyWhenAsked_andWithoutTheirData(bool isAsked, int entries)
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        TestVault vault = audited.Vault;
        await vault.WriteAsync("sys/quotas/config", $$"""{"enable_rate_limit_audit_logging":{{(isAsked ? "true" : "false")}}}""");
        await WriteAsync(vault, "g", """{"rate":1,"interval":"1h"}""");
        for (int i = 0; i < 3; i++)
            await SendAsync(vault, Ann, "cubbyhole/x", Operation.Update, i == 0 ? """{"a":"b"}""" : "{ no json", vault.RootToken);
        IReadOnlyList<JsonElement> found = audited.Responses("cubbyhole/x");
        Assert.Equal(entries, found.Count);
        Assert.All(found.Skip(1), e => Assert.False(e.GetProperty("request").TryGetProperty("data", out _)));
        // The body was not read, so the trail cannot tell what of the text came from it: it says so in place of the text.
        Assert.All(found.Skip(1), e => Assert.Matches("quota exceeded|withheld", e.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task Rules_surviveSealAndUnseal()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await WriteAsync(vault, "g", """{"rate":1,"interval":"1h"}""");
        await vault.Node.SealAsync();
        await vault.UnsealAsync();
        Assert.Equal(200, (await GetAsync(vault, Ann)).Status);
        Assert.Equal(429, (await GetAsync(vault, Ann)).Status);
    }

    [Fact]
    public async Task Mount_movedOrDisabled_takesItsRulesAlong()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/mounts/kv", """{"type":"kv"}""");
        await WriteAsync(vault, "m", """{"path":"kv","rate":1,"interval":"1h"}""");
        await WriteAsync(vault, "p", """{"path":"kv/a/*","rate":1,"interval":"1h"}""");
        Assert.Equal(200, (await vault.WriteAsync("sys/remount", """{"from":"kv","to":"moved"}""")).Status);
        Assert.Equal("moved/a/*", (await vault.ReadAsync("sys/quotas/rate-limit/p")).Data.GetProperty("path").GetString());
        Assert.Equal(404, (await GetAsync(vault, Ann, "moved/x")).Status);
        Assert.Equal(429, (await GetAsync(vault, Ann, "moved/x")).Status);
        await vault.DeleteAsync("sys/mounts/moved");
        Assert.Equal(404, (await vault.ListAsync("sys/quotas/rate-limit")).Status);
    }

    [Fact]
    public async Task Requests_64AtOnceOfOneClient_passExactlyAsManyAsAllowed()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await WriteAsync(vault, "g", """{"rate":20,"interval":"1h"}""");
        VaultResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => GetAsync(vault, Ann))));
        Assert.Equal(20, answers.Count(a => a.Status == 200));
        Assert.Equal(44, answers.Count(a => a.Status == 429));
    }

    private static async Task<string> LimitedTokenAsync(TestVault vault)
    {
        TestResponse made = await vault.WriteAsync("auth/token/create", """{"num_uses":2}""");
        return made.Json.GetProperty("auth").GetProperty("client_token").GetString() ?? "";
    }

    private static async Task WriteAsync(TestVault vault, string name, string json)
    {
        TestResponse response = await vault.WriteAsync("sys/quotas/rate-limit/" + name, json);
        Assert.True(response.Status == 204, response.Text);
    }

    private static Task<VaultResponse> GetAsync(TestVault vault, string address, string path = "sys/mounts") =>
        SendAsync(vault, address, path, Operation.Read, null, vault.RootToken);

    private static async Task<VaultResponse> SendAsync(TestVault vault, string address, string path, Operation operation, string? body, string token, string ns = "") =>
        await vault.Node.HandleAsync(
            new VaultRequest
            {
                Id = RandomText.Uuid(),
                Operation = operation,
                Path = CanonicalPath.Of(path),
                Token = token,
                NamespacePath = ns,
                Data = body is null ? RequestData.Empty : new RequestData(Encoding.UTF8.GetBytes(body)),
                RemoteAddress = IPAddress.Parse(address),
            },
            CancellationToken.None);
}
