using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Conformance.Routes;

/// <summary>Broken credentials on many spellings of protected paths: no entry, no secret, no server error.</summary>
public sealed class BrokenCredentialTests(ITestOutputHelper output)
{
    private const string Canary = "canary-5f1c0b7e";

    private static readonly string[] Targets = ["secret/data/canary", "secret/metadata/canary", "sys/mounts", "sys/policies/acl/default", "auth/token/lookup-self"];
    private static readonly string[] Namespaces = ["", "root", "/", "ROOT", ".", "%2f", "root/", "/root/", "..", "//", "*"];

    [Fact]
    public async Task Row050_brokenCredentials_onEverySpelling_neverEnter()
    {
        await using TestServer server = await TestServer.StartAsync();
        Assert.Equal(200, (await server.WriteAsync("secret/data/canary", $$$"""{"data":{"value":"{{{Canary}}}"}}""")).Status);
        var credentials = await CredentialsAsync(server);
        Assert.True(credentials.Count >= 40);
        var entries = new List<string>();
        int attempts = 0;
        foreach ((string, string)[] credential in credentials)
        {
            foreach (string target in Targets)
            {
                foreach (string spelling in Spellings(target))
                {
                    string ns = Namespaces[attempts % Namespaces.Length];
                    TestReply reply = await SendAsync(server, spelling, ns.Length == 0 ? credential : [.. credential, ("X-Vault-Namespace", ns)]);
                    attempts++;
                    if (reply.Status is < 400 or >= 500 || reply.Text.Contains(Canary, StringComparison.Ordinal))
                        entries.Add($"{spelling} with {string.Join(", ", credential)}, namespace '{ns}': {reply.Status}");
                }
            }
        }
        output.WriteLine($"{attempts} attempts with {credentials.Count} broken credentials, {entries.Count} entries");
        Assert.True(entries.Count == 0, string.Join('\n', entries.Take(20)));
    }

    /// <summary>The same spellings with the right token do enter on the plain one: the test above can fail.</summary>
    [Fact]
    public async Task Control_rightToken_onPlainSpelling_enters()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.WriteAsync("secret/data/canary", $$$"""{"data":{"value":"{{{Canary}}}"}}""");
        Assert.Contains(Canary, (await SendAsync(server, "/v1/secret/data/canary", [("X-Vault-Token", TestServer.RootToken)])).Text, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<(string Name, string Value)[]>> CredentialsAsync(TestServer server)
    {
        var tokens = new RouteTokens(server);
        TestReply self = await server.ReadAsync("auth/token/lookup-self");
        TestReply wrapped = await server.SendAsync(HttpMethod.Get, "sys/mounts", null, TestServer.RootToken, ("X-Vault-Wrap-TTL", "60"));
        return BrokenCredentials.Of(
            TestServer.RootToken,
            self.Data.GetProperty("accessor").GetString() ?? "",
            await tokens.ExpiredAsync(),
            await tokens.RevokedAsync(),
            wrapped.Json.GetProperty("wrap_info").GetProperty("token").GetString() ?? "");
    }

    private static string[] Spellings(string target)
    {
        string first = target[..target.IndexOf('/', StringComparison.Ordinal)];
        string rest = target[(first.Length + 1)..];
        return
        [
            "/v1/" + target,
            "/v1/" + target + "/",
            "/v1//" + target,
            "//v1/" + target,
            "/V1/" + target,
            $"/v1/{first}//{rest}",
            $"/v1/{first}%2f{rest}",
            $"/v1/{first}/%2e/{rest}",
            $"/v1/x/%2e%2e/{target}",
            $"/v1/sys/health/../../{target}",
            $"/v1/sys/health/..%2f..%2f{target}",
            $"/v1/../v1/{target}",
            "/v1/" + target.ToUpperInvariant(),
            $"/v1/{target}%00",
            $"/v1/{target};sys/health",
            $"/v1/{target}?help=1",
            $"/v1/{target}?list=true",
            $"/v1/{target}?scan=true",
            $"/v1/{target}?token={TestServer.RootToken}&X-Vault-Token={TestServer.RootToken}",
            $"/v1/{target}%3fhelp=1",
            $"/v1/root/{target}",
        ];
    }

    private static async Task<TestReply> SendAsync(TestServer server, string target, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri(server.Address.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        foreach ((string name, string value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        return await TestReply.OfAsync(response);
    }
}
