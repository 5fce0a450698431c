using System.Net;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Server;

public sealed class CrossOriginTests
{
    [Fact]
    public async Task Cors_allowedOriginOnly_mayCallAndAskBefore()
    {
        await using TestServer server = await TestServer.StartAsync();
        Assert.False((await CallAsync(server, HttpMethod.Get, "https://ui.example.com")).Headers.Contains("Access-Control-Allow-Origin"));
        await server.WriteAsync("sys/config/cors", """{"allowed_origins":["https://ui.example.com"],"allowed_headers":"X-Own"}""");
        HttpResponseMessage allowed = await CallAsync(server, HttpMethod.Get, "https://ui.example.com");
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        Assert.Equal("https://ui.example.com", Assert.Single(allowed.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal(HttpStatusCode.Forbidden, (await CallAsync(server, HttpMethod.Get, "https://ui.example.com.evil.net")).StatusCode);
        HttpResponseMessage preflight = await CallAsync(server, HttpMethod.Options, "https://ui.example.com", ("Access-Control-Request-Method", "PUT"));
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Contains("X-Own", preflight.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.Ordinal);
        await server.DeleteAsync("sys/config/cors");
        Assert.False((await CallAsync(server, HttpMethod.Get, "https://ui.example.com")).Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"allowed_origins":["*","https://a.example"]}""")]
    [InlineData("""{"allowed_origins":["https://a.example/path"]}""")]
    [InlineData("""{"allowed_origins":["javascript:alert(1)"]}""")]
    [InlineData("""{"allowed_origins":["https://a.example"],"allowed_headers":["a\r\nSet-Cookie: x"]}""")]
    public async Task Cors_badPolicy_isRefused(string policy)
    {
        await using TestServer server = await TestServer.StartAsync();
        Assert.Equal((int)HttpStatusCode.BadRequest, (await server.WriteAsync("sys/config/cors", policy)).Status);
        Assert.False((await server.ReadAsync("sys/config/cors")).Data.GetProperty("enabled").GetBoolean());
    }

    [Fact]
    public async Task UiHeaders_areKeptFoldCaseAndCannotSplit()
    {
        await using TestServer server = await TestServer.StartAsync();
        Assert.Equal((int)HttpStatusCode.NoContent, (await server.WriteAsync("sys/config/ui/headers/X-Frame-Options", """{"values":["DENY","SAMEORIGIN"]}""")).Status);
        Assert.Equal("DENY", (await server.ReadAsync("sys/config/ui/headers/x-frame-options")).Data.GetProperty("value").GetString());
        Assert.Equal(2, (await server.ReadAsync("sys/config/ui/headers/X-Frame-Options?multivalue=true")).Data.GetProperty("values").GetArrayLength());
        Assert.Equal((int)HttpStatusCode.BadRequest, (await server.WriteAsync("sys/config/ui/headers/X-Vault-Token", """{"values":["a"]}""")).Status);
        Assert.Equal((int)HttpStatusCode.BadRequest, (await server.WriteAsync("sys/config/ui/headers/X-A", """{"values":["a\r\nB: c"]}""")).Status);
        Assert.Equal((int)HttpStatusCode.NoContent, (await server.DeleteAsync("sys/config/ui/headers/X-FRAME-OPTIONS")).Status);
        Assert.Equal((int)HttpStatusCode.NotFound, (await server.ListAsync("sys/config/ui/headers")).Status);
    }

    private static async Task<HttpResponseMessage> CallAsync(TestServer server, HttpMethod method, string origin, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, "v1/sys/health");
        request.Headers.Add("Origin", origin);
        foreach ((string name, string value) in headers)
            request.Headers.Add(name, value);
        return await server.Http.SendAsync(request);
    }
}
