using System.Net;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Server;

public sealed class StatusPageTests
{
    [Theory]
    [InlineData("true", HttpStatusCode.OK)]
    [InlineData("false", HttpStatusCode.NotFound)]
    public async Task Page_servedOnlyWhereTheConfigurationSaysSo(string ui, HttpStatusCode status)
    {
        await using ConfiguredServer server = await ConfiguredServer.StartAsync($$"""
            storage "inmem" {}
            listener "tcp" {
              address     = "127.0.0.1:0"
              tls_disable = true
            }
            ui = {{ui}}
            """);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Server.Addresses[0] };
        using HttpResponseMessage page = await http.GetAsync("ui/");
        Assert.Equal(status, page.StatusCode);
        if (status != HttpStatusCode.OK)
            return;
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("not initialized", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("/ui/", (await http.GetAsync("ui")).Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await http.PostAsync("ui/", null)).StatusCode);
    }

    [Fact]
    public async Task Page_ofADevelopmentServer_carriesTheConfiguredHeaders()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.WriteAsync("sys/config/ui/headers/X-Company", """{"values":["fish"]}""");
        using HttpResponseMessage page = await server.Http.GetAsync("ui/");
        Assert.Equal("fish", page.Headers.GetValues("X-Company").Single());
        Assert.Contains("serving", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
