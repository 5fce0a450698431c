using System.Text;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Server;

/// <summary>Methods, queries, headers and bodies of the Vault API.</summary>
public sealed class VerbTests : IAsyncLifetime
{
    private TestServer _server = null!; // set by InitializeAsync before any test runs

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        await _server.WriteAsync("secret/data/app/db", """{"data":{"user":"u"}}""");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("GET", "secret/data/app/db", 200)]
    [InlineData("LIST", "secret/metadata/app", 200)]
    [InlineData("LIST", "secret/metadata/app/", 200)]
    [InlineData("GET", "secret/metadata/app?list=true", 200)]
    [InlineData("GET", "secret/metadata/app?list=1", 200)]
    [InlineData("GET", "secret/metadata/app/?list=true", 200)]
    [InlineData("GET", "secret/metadata/app?list=notabool", 400)]
    [InlineData("GET", "secret/data/app/db?list=false", 200)]
    [InlineData("GET", "secret/data/app/db?list=", 200)]
    [InlineData("GET", "secret/data/app/db?scan=notabool", 400)]
    [InlineData("SCAN", "secret/metadata/", 200)]
    [InlineData("GET", "secret/metadata/?scan=true", 200)]
    [InlineData("HEAD", "sys/health", 200)]
    [InlineData("HEAD", "secret/data/app/db", 405)]
    [InlineData("OPTIONS", "secret/data/app/db", 405)]
    [InlineData("TRACE", "secret/data/app/db", 405)]
    [InlineData("RENEW", "secret/data/app/db", 405)]
    [InlineData("DELETE", "secret/data/app/db", 204)]
    [InlineData("GET", "secret/data/none", 404)]
    [InlineData("GET", "secret/data/app/db?help=1", 200)]
    [InlineData("GET", "secret/data/app/db?version=%ZZ", 400)]
    [InlineData("GET", "secret/data/app/db?version=%FF", 400)]
    [InlineData("DELETE", "sys/init", 405)]
    public async Task Method_and_query_select_the_operation(string method, string path, int expected)
    {
        TestReply reply = await _server.SendAsync(new HttpMethod(method), path);

        Assert.Equal(expected, reply.Status);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    public async Task Post_and_put_write(string method)
    {
        TestReply reply = await _server.SendAsync(new HttpMethod(method), "secret/data/new", """{"data":{"a":"b"}}""");

        Assert.Equal(200, reply.Status);
        Assert.Equal(1, reply.Data.GetProperty("version").GetInt32());
    }

    [Theory]
    [InlineData("application/merge-patch+json", 200)]
    [InlineData("application/merge-patch+json; charset=utf-8", 200)]
    [InlineData("Application/Merge-Patch+JSON", 200)]
    [InlineData("application/json", 415)]
    [InlineData("application/merge-patch+jsonx", 415)]
    public async Task Patch_needs_the_merge_patch_type(string contentType, int expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri(_server.Address, "v1/secret/data/app/db"));
        request.Headers.Add("X-Vault-Token", TestServer.RootToken);
        request.Content = new StringContent("""{"data":{"more":"x"}}""", Encoding.UTF8);
        request.Content.Headers.Remove("Content-Type");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        using HttpResponseMessage response = await _server.Http.SendAsync(request, TestContext.Current.CancellationToken);

        TestReply reply = await TestReply.OfAsync(response);
        Assert.Equal(expected, reply.Status);
        if (expected == 415)
            Assert.Equal($"PATCH requires Content-Type of application/merge-patch+json, provided {contentType}", reply.Error);
    }

    [Theory]
    [InlineData("", "{\"errors\":[]}")]
    [InlineData("v1", "{\"errors\":[]}")]
    [InlineData("v2/sys/health", "{\"errors\":[]}")]
    [InlineData("%761/sys/health", "{\"errors\":[]}")]
    [InlineData("V1/sys/health", "{\"errors\":[]}")]
    [InlineData("v1%2Fsys/health", "{\"errors\":[]}")]
    [InlineData("metrics", "{\"errors\":[]}")]
    [InlineData("robots.txt", "{\"errors\":[]}")]
    public async Task Path_outside_the_api_is_not_found(string path, string body)
    {
        string answer = await RawHttp.ExchangeAsync(_server.Address, $"GET /{path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        Assert.Equal([404], RawHttp.StatusesOf(answer));
        Assert.EndsWith(body, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Absolute_target_is_read_like_a_path()
    {
        string answer = await RawHttp.ExchangeAsync(_server.Address, $"GET {_server.Address}v1/sys/health HTTP/1.1\r\nHost: {_server.Address.Authority}\r\nConnection: close\r\n\r\n");

        Assert.Equal([200], RawHttp.StatusesOf(answer));
    }

    [Theory]
    [InlineData("X-Vault-Token", TestServer.RootToken, 200)]
    [InlineData("Authorization", "Bearer " + TestServer.RootToken, 200)]
    [InlineData("authorization", "bearer " + TestServer.RootToken, 200)]
    [InlineData("Authorization", TestServer.RootToken, 403)]
    [InlineData("Authorization", "Basic " + TestServer.RootToken, 403)]
    [InlineData("X-Vault-Token", "", 403)]
    [InlineData("X-Vault-Token", "hvs.unknown", 403)]
    public async Task Token_is_read_from_its_two_headers(string name, string value, int expected)
    {
        Assert.Equal(expected, (await _server.SendAsync(HttpMethod.Get, "secret/data/app/db", token: null, headers: (name, value))).Status);
    }

    [Fact]
    public async Task Vault_header_wins_over_authorization()
    {
        TestReply wrong = await _server.SendAsync(HttpMethod.Get, "secret/data/app/db", token: "hvs.unknown", headers: ("Authorization", "Bearer " + TestServer.RootToken));
        TestReply right = await _server.SendAsync(HttpMethod.Get, "secret/data/app/db", headers: ("Authorization", "Bearer hvs.unknown"));

        Assert.Equal((403, 200), (wrong.Status, right.Status));
    }

    [Theory]
    [InlineData(8_192, 403)]
    [InlineData(8_193, 400)]
    [InlineData(40_000, 431)]
    public async Task Token_longer_than_8_KiB_is_refused(int length, int expected)
    {
        Assert.Equal(expected, (await _server.ReadAsync("secret/data/app/db", new string('a', length))).Status);
    }

    [Theory]
    [InlineData("60", 200)]
    [InlineData("1h30m", 200)]
    [InlineData("", 200)]
    [InlineData("0", 200)]
    [InlineData("-5s", 400)]
    [InlineData("soon", 400)]
    public async Task Wrap_ttl_is_a_duration(string value, int expected)
    {
        TestReply reply = await _server.SendAsync(HttpMethod.Get, "secret/data/app/db", headers: ("X-Vault-Wrap-TTL", value));

        Assert.Equal(expected, reply.Status);
        if (expected == 400)
            Assert.StartsWith("error parsing X-Vault-Wrap-TTL header: ", reply.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ns1", 404)]
    [InlineData("ns1/../ns2", 400)]
    [InlineData("/", 200)]
    public async Task Namespace_header_is_canonical_and_echoed(string value, int expected)
    {
        TestReply reply = await _server.SendAsync(HttpMethod.Get, "secret/data/app/db", headers: ("X-Vault-Namespace", value));

        Assert.Equal(expected, reply.Status);
        if (expected == 404)
            Assert.Equal(value, reply.Headers["X-Vault-Namespace"]);
    }

    [Theory]
    [InlineData("key=abc%3D%3D&reset=false", "application/x-www-form-urlencoded", "'key' must be a valid hex or base64 string")]
    [InlineData("{\"key\":\"?\"}", "application/x-www-form-urlencoded", "'key' must be a valid hex or base64 string")]
    [InlineData("{\"key\":\"?\"}", "text/plain", "'key' must be a valid hex or base64 string")]
    [InlineData("key=abc", "application/json", "failed to parse JSON input: invalid JSON at line 1, byte 1")]
    [InlineData("key=%FF", "application/x-www-form-urlencoded", "a parameter is not valid UTF-8")]
    public async Task Body_is_json_whatever_it_is_called_and_a_form_only_when_it_looks_like_one(string body, string contentType, string expected)
    {
        await using ConfiguredServer server = await ConfiguredServer.StartAsync("listener \"tcp\" { address = \"127.0.0.1:0\" tls_disable = 1 }\nstorage \"inmem\" {}");
        using var content = new StringContent(body, Encoding.UTF8, contentType);
        using var http = new HttpClient();

        using HttpResponseMessage response = await http.PostAsync(new Uri(server.Server.Addresses[0], "v1/sys/unseal"), content, TestContext.Current.CancellationToken);

        TestReply reply = await TestReply.OfAsync(response);
        Assert.Equal(400, reply.Status);
        Assert.Equal(expected, reply.Error);
    }

    [Fact]
    public async Task Answer_without_content_has_no_body_and_no_type()
    {
        TestReply reply = await _server.DeleteAsync("secret/data/app/db");

        Assert.Equal((204, ""), (reply.Status, reply.Text));
        Assert.False(reply.Headers.ContainsKey("Content-Type"));
        Assert.Equal("no-store", reply.Headers["Cache-Control"]);
    }

    [Fact]
    public async Task Answer_has_its_exact_length_and_one_id_for_client_and_server()
    {
        TestReply reply = await _server.ReadAsync("secret/data/app/db");

        Assert.Equal(reply.Text.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), reply.Headers["Content-Length"]);
        Assert.True(Guid.TryParse(reply.Json.GetProperty("request_id").GetString(), out _));
        Assert.Equal("kv", reply.Json.GetProperty("mount_type").GetString());
    }
}
