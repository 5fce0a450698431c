using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Quotas;

public sealed class QuotaRoutesTests
{
    [Fact]
    public async Task RateLimit_writeReadListDelete_answersAsTheContractSays()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/mounts/kv", """{"type":"kv"}""");
        Assert.Equal(204, (await vault.WriteAsync("sys/quotas/rate-limit/a", """{"path":"kv","rate":"1000.5","interval":"2m","block_interval":300}""")).Status);
        Assert.Equal("""{"block_interval":300,"inheritable":false,"interval":120,"name":"a","path":"kv/","rate":1000.5,"role":"","type":"rate-limit"}""", (await vault.ReadAsync("sys/quotas/rate-limit/a")).Data.GetRawText());
        Assert.Equal(204, (await vault.WriteAsync("sys/quotas/rate-limit/a", """{"rate":1000}""")).Status);
        Assert.Equal(120, (await vault.ReadAsync("sys/quotas/rate-limit/a")).Data.GetProperty("interval").GetInt32());
        Assert.Equal(204, (await vault.WriteAsync("sys/quotas/rate-limit/global", """{"rate":1000}""")).Status);
        Assert.True((await vault.ReadAsync("sys/quotas/rate-limit/global")).Data.GetProperty("inheritable").GetBoolean());
        Assert.Equal(["a", "global"], (await vault.ListAsync("sys/quotas/rate-limit")).Data.Strings("keys"));
        Assert.Equal(404, (await vault.ReadAsync("sys/quotas/rate-limit/A")).Status);
        Assert.Equal(204, (await vault.DeleteAsync("sys/quotas/rate-limit/a")).Status);
        Assert.Equal(404, (await vault.ReadAsync("sys/quotas/rate-limit/a")).Status);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"rate":0}""")]
    [InlineData("""{"rate":-1}""")]
    [InlineData("""{"rate":"NaN"}""")]
    [InlineData("""{"rate":1e300}""")]
    [InlineData("""{"rate":1,"interval":-1}""")]
    [InlineData("""{"rate":1,"interval":"48h"}""")]
    [InlineData("""{"rate":1e-9}""")]
    [InlineData("""{"rate":1,"path":"nothing/"}""")]
    [InlineData("""{"rate":1,"path":"kv/*/a"}""")]
    [InlineData("""{"rate":1,"path":"kv/../sys"}""")]
    [InlineData("""{"rate":1,"path":"*"}""")]
    [InlineData("""{"rate":1,"path":"kv","inheritable":true}""")]
    [InlineData("""{"rate":1,"inheritable":false}""")]
    [InlineData("""{"rate":1,"path":"auth/token","role":"r"}""")]
    [InlineData("""{"rate":1,"type":"other"}""")]
    public async Task RateLimit_wrongParameters_areRefused(string json)
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/mounts/kv", """{"type":"kv"}""");
        Assert.Equal(400, (await vault.WriteAsync("sys/quotas/rate-limit/q", json)).Status);
        Assert.Equal(404, (await vault.ListAsync("sys/quotas/rate-limit")).Status);
    }

    [Fact]
    public async Task RateLimit_secondOnOnePath_namesTheFirst()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/quotas/rate-limit/one", """{"rate":1000}""");
        TestResponse refused = await vault.WriteAsync("sys/quotas/rate-limit/two", """{"rate":1000}""");
        Assert.Equal((400, "quota rule with similar properties exists under the name \"one\""), (refused.Status, refused.Error));
        Assert.Equal(400, (await vault.WriteAsync("sys/quotas/rate-limit/a b", """{"rate":1000}""")).Status);
    }

    [Fact]
    public async Task Config_writeAndRead_keepsWhatIsNotSent()
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.False((await vault.ReadAsync("sys/quotas/config")).Data.GetProperty("enable_rate_limit_audit_logging").GetBoolean());
        Assert.Equal(204, (await vault.WriteAsync("sys/quotas/config", """{"enable_rate_limit_audit_logging":true,"rate_limit_exempt_paths":"a/b,/v1/c/*"}""")).Status);
        Assert.Equal(204, (await vault.WriteAsync("sys/quotas/config", """{"enable_rate_limit_response_headers":"true"}""")).Status);
        Assert.Equal("""{"enable_rate_limit_audit_logging":true,"enable_rate_limit_response_headers":true,"rate_limit_exempt_paths":["a/b","c/*"]}""", (await vault.ReadAsync("sys/quotas/config")).Data.GetRawText());
        Assert.Equal(400, (await vault.WriteAsync("sys/quotas/config", """{"rate_limit_exempt_paths":["a*b"]}""")).Status);
    }

    [Fact]
    public async Task RateLimits_writtenAtOnce_areAllKept()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/mounts/kv", """{"type":"kv"}""");
        TestResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => vault.WriteAsync("sys/quotas/rate-limit/q" + i, $$"""{"rate":1000,"path":"kv/{{i}}"}"""))));
        Assert.All(answers, a => Assert.Equal(204, a.Status));
        Assert.Equal(16, (await vault.ListAsync("sys/quotas/rate-limit")).Data.Strings("keys").Length);
        Assert.Equal(16, vault.Kernel().Quotas.Table.Record.Rules.Count);
    }
}
