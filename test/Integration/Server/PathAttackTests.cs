using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Server;

/// <summary>
/// A path is decoded once, and what the policy decides is what the engine reads: no spelling reaches a secret outside a
/// policy's glob, with any method.
/// </summary>
public sealed class PathAttackTests : IAsyncLifetime
{
    private const string Marker = "value-of-the-forbidden-secret";

    private TestServer _server = null!; // set by InitializeAsync before any test runs
    private string _token = "";

    public static readonly TheoryData<string> Spellings =
    [
        "open/../closed/a", "open/%2e%2e/closed/a", "open/%2E./closed/a", "open/..%2fclosed/a", "open%2f..%2fclosed/a", "open/%252e%252e/closed/a",
        "open/./../closed/a", "open/..;/closed/a", "open//../closed/a", "open\\..\\closed\\a", "open/%5c..%5cclosed/a", "open/..%5cclosed%5ca",
        "open/%00/../closed/a", "closed/a%00", "closed%2fa", "closed/%61", "closed//a", "/closed/a", "%2fclosed/a", "./closed/a", "%2e/closed/a",
        "Closed/a", "closed/a/", "closed/a%20", "closed/a%09", "closed/a%0a", "closed/a;x", "closed/a%3f", "closed/a#", "closed/a%23",
        "open/%c0%ae%c0%ae/closed/a", "open/%e0%80%ae%e0%80%ae/closed/a", "open/%u002e%u002e/closed/a", "open/\uff0e\uff0e/closed/a", "open/%ef%bc%8e%ef%bc%8e/closed/a",
        "closed/a%", "closed/a%2", "closed/a%zz", "closed/%e2%80%8ba", "closed/a%e2%80%ae",
    ];

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        await _server.WriteAsync("secret/data/closed/a", "{\"data\":{\"v\":\"" + Marker + "\"}}");
        await _server.WriteAsync("sys/policies/acl/open-only", """{"policy":"path \"secret/data/open/*\" { capabilities = [\"create\",\"read\",\"update\",\"patch\",\"delete\",\"list\"] }\npath \"secret/metadata/open/*\" { capabilities = [\"read\",\"list\",\"delete\",\"update\",\"scan\"] }\npath \"secret/destroy/open/*\" { capabilities = [\"update\"] }\npath \"secret/delete/open/*\" { capabilities = [\"update\"] }"}""");
        TestReply created = await _server.WriteAsync("auth/token/create", """{"policies":["open-only"],"no_default_policy":true}""");
        _token = created.Json.GetProperty("auth").GetProperty("client_token").GetString() ?? "";
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Policy_of_the_test_opens_what_it_says()
    {
        Assert.Equal(200, (await _server.WriteAsync("secret/data/open/x", """{"data":{"v":"1"}}""", _token)).Status);
        Assert.Equal(200, (await _server.ReadAsync("secret/data/open/x", _token)).Status);
        Assert.Equal(403, (await _server.ReadAsync("secret/data/closed/a", _token)).Status);
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task No_spelling_of_a_path_leaves_the_glob(string spelling)
    {
        (string Method, string Folder, string Body)[] attempts =
        [
            ("GET", "data", ""), ("LIST", "metadata", ""), ("SCAN", "metadata", ""), ("DELETE", "data", ""), ("DELETE", "metadata", ""),
            ("POST", "data", """{"data":{"v":"overwritten"}}"""), ("POST", "destroy", """{"versions":[1]}"""), ("POST", "delete", """{"versions":[1]}"""),
            ("GET", "metadata", ""), ("GET", "subkeys", ""),
        ];
        foreach ((string method, string folder, string body) in attempts)
        {
            string answer = await RawHttp.ExchangeAsync(
                _server.Address,
                $"{method} /v1/secret/{folder}/{Utf8(spelling)} HTTP/1.1\r\nHost: a\r\nX-Vault-Token: {_token}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");

            Assert.DoesNotContain(Marker, answer, StringComparison.Ordinal);
            int status = Assert.Single(RawHttp.StatusesOf(answer));
            Assert.True(status < 500, $"{method} {folder}/{spelling}: {status}");
        }
        TestReply untouched = await _server.ReadAsync("secret/data/closed/a");
        Assert.Contains(Marker, untouched.Text, StringComparison.Ordinal);
        Assert.Equal(1, untouched.Data.GetProperty("metadata").GetProperty("version").GetInt32());
    }

    [Theory]
    [InlineData("closed/../x", "path cannot contain parent references")]
    [InlineData("%2e%2e/x", "path cannot contain parent references")]
    [InlineData("a%01", "the path holds a character that is not printable, or a backslash")]
    [InlineData("a%5cb", "the path holds a character that is not printable, or a backslash")]
    [InlineData("a%2", "the path holds an incomplete percent escape")]
    [InlineData("a%ff", "the path is not valid UTF-8")]
    public async Task Refused_path_says_why(string path, string expected)
    {
        string answer = await RawHttp.ExchangeAsync(_server.Address, $"GET /v1/secret/data/{path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        Assert.Equal([400], RawHttp.StatusesOf(answer));
        Assert.Contains(expected, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inner_slashes_and_escaped_characters_are_kept_as_they_are()
    {
        Assert.Equal(200, (await _server.WriteAsync("secret/data/http://test.com", """{"data":{"v":"1"}}""")).Status);
        Assert.Equal(200, (await _server.ReadAsync("secret/data/http:%2f%2ftest.com")).Status);
        Assert.Equal(404, (await _server.ReadAsync("secret/data/http:/test.com")).Status);
        Assert.Equal(200, (await _server.WriteAsync("secret/data/50%25%20of%3Fit", """{"data":{"v":"1"}}""")).Status);
        Assert.Contains("50% of?it", (await _server.ListAsync("secret/metadata/")).Text, StringComparison.Ordinal);
    }

    private static string Utf8(string text) => System.Text.Encoding.Latin1.GetString(System.Text.Encoding.UTF8.GetBytes(text));
}
