using System.Net.Http.Json;
using System.Text.Json;
using Candlefish.Secrets.Server;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Conformance.Clients;

/// <summary>hashi-vault-js 0.5.1 over TLS, with the certificate authority in a file.</summary>
public sealed class HashiVaultJsTests(HashiVaultJsTests.Run run) : IClassFixture<HashiVaultJsTests.Run>
{
    public static readonly TheoryData<string> Checks =
    [
        "health over tls", "seal status", "host info", "untrusted certificate", "capabilities", "metrics", "tokens", "kv version 2", "userpass", "approle", "denied", "seal and unseal",
    ];

    [Theory]
    [MemberData(nameof(Checks))]
    public void Check_holds(string name)
    {
        Assert.SkipUnless(NodeScript.Missing is null, NodeScript.Missing ?? "");
        Assert.True(run.Results.TryGetValue(name, out string? wrong), $"the script has no check '{name}'");
        Assert.True(wrong.Length == 0, wrong);
    }

    [Fact]
    public void Checks_of_the_script_are_all_listed()
    {
        Assert.SkipUnless(NodeScript.Missing is null, NodeScript.Missing ?? "");
        Assert.Empty(run.Results.Keys.Except(Checks.Select(c => c.Data)));
    }

    public sealed class Run : IAsyncLifetime
    {
        public IReadOnlyDictionary<string, string> Results { get; private set; } = new Dictionary<string, string>();

        public async ValueTask InitializeAsync()
        {
            if (NodeScript.Missing is not null)
                return;
            using var directory = new TemporaryDirectory();
            using var authority = new TestCertificates(directory.Path);
            (string certificate, string key) = authority.IssueServer("server");
            await File.WriteAllTextAsync(directory["server.hcl"], $$"""
                listener "tcp" { address = "127.0.0.1:0" tls_cert_file = "{{certificate}}" tls_key_file = "{{key}}" }
                storage "inmem" {}
                audit_directory = "{{directory.Path}}"
                """);
            RunningServer server = await ServerHost.StartAsync(NodeVaultTests.ServerStartOf(directory), CancellationToken.None);
            try
            {
                (string token, string share, string roleId) = await PrepareAsync(server.Addresses[0], authority);
                Results = await NodeScript.RunAsync(
                    "hashi-vault-js.mjs",
                    ("CANDLEFISH_TEST_ADDR", server.Addresses[0].ToString().TrimEnd('/')),
                    ("CANDLEFISH_TEST_CA", authority.AuthorityFile),
                    ("CANDLEFISH_TEST_TOKEN", token),
                    ("CANDLEFISH_TEST_KEY", share),
                    ("CANDLEFISH_TEST_ROLE_ID", roleId));
            }
            finally
            {
                await server.StopAsync();
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        // What the client has no calls for: init, mounts, an AppRole.
        private static async Task<(string Token, string Share, string RoleId)> PrepareAsync(Uri address, TestCertificates authority)
        {
            using var handler = new HttpClientHandler();
            handler.ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate?.IssuerName.Name == authority.Authority.SubjectName.Name;
            using var http = new HttpClient(handler) { BaseAddress = new Uri(address, "v1/") };
            JsonElement init = await PutAsync(http, "sys/init", """{"secret_shares":1,"secret_threshold":1}""");
            string share = init.GetProperty("keys")[0].GetString() ?? "";
            string token = init.GetProperty("root_token").GetString() ?? "";
            await PutAsync(http, "sys/unseal", $$"""{"key":"{{share}}"}""");
            http.DefaultRequestHeaders.Add("X-Vault-Token", token);
            await PutAsync(http, "sys/mounts/kv", """{"type":"kv","options":{"version":"2"}}""");
            await PutAsync(http, "sys/auth/userpass", """{"type":"userpass"}""");
            await PutAsync(http, "sys/auth/approle", """{"type":"approle"}""");
            await PutAsync(http, "auth/approle/role/ci", """{"token_ttl":"10m"}""");
            JsonElement role = await http.GetFromJsonAsync<JsonElement>("auth/approle/role/ci/role-id");
            return (token, share, role.GetProperty("data").GetProperty("role_id").GetString() ?? "");
        }

        private static async Task<JsonElement> PutAsync(HttpClient http, string path, string json)
        {
            using HttpResponseMessage reply = await http.PutAsync(new Uri(path, UriKind.Relative), new StringContent(json));
            reply.EnsureSuccessStatusCode();
            string body = await reply.Content.ReadAsStringAsync();
            return body.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(body);
        }
    }
}
