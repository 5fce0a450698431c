using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Conformance.Policies;

/// <summary>
/// Random policies written to the real server, tokens made from them, requests sent over HTTP to a KV v1 mount: an answer other
/// than 403 is an allowed request, and must be one for the oracle too.
/// </summary>
public sealed class PolicyServerTests(ITestOutputHelper output)
{
    private const string Mount = "kv1/";
    private const int Sets = 60;
    private const int RequestsPerSet = 50;

    private static readonly string[] Words = ["create", "read", "update", "patch", "delete", "list", "scan"];

    /// <summary>Keys that exist: they decide between create and update.</summary>
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    [Fact]
    public async Task Server_randomPoliciesAndRequests_decidesAsTheOracle()
    {
        int seed = PolicyComparisonTests.FreshSeed(output);
        await using TestServer server = await TestServer.StartAsync();
        Assert.Equal(204, (await server.WriteAsync("sys/mounts/kv1", """{"type":"kv","options":{"version":"1"}}""")).Status);
        int decisions = 0;
        int allowed = 0;
        int reports = 0;
        for (int set = 0; set < Sets; set++)
        {
            var cases = new PolicyCases(new Random(seed + set), Mount);
            OraclePolicy[] policies = cases.Policies();
            string token = await TokenAsync(server, policies, asJson: set % 2 == 0);
            for (int i = 0; i < RequestsPerSet; i++)
            {
                OracleRequest? request = AsSent(cases.Request(policies));
                if (request is null)
                    continue;
                bool expected = PolicyOracle.Allows(policies, request);
                TestReply reply = await SendAsync(server, request, token);
                Assert.True(reply.Status < 500, $"CANDLEFISH_SEED={seed}: {reply.Status} {reply.Text} for {request}");
                Assert.True(expected == (reply.Status != 403), $"CANDLEFISH_SEED={seed}: the oracle says {expected}, the server {reply.Status} {reply.Text}\n{PolicyShrinker.Print(policies, request)}");
                decisions++;
                allowed += expected ? 1 : 0;
                reports += await CompareReportAsync(server, policies, request.Path, token);
            }
        }
        output.WriteLine($"{decisions} decisions over HTTP, 0 wrong ({allowed} allowed); {reports} reported capabilities, 0 wrong");
        Assert.True(decisions >= 2_000, $"{decisions} decisions");
    }

    private static async Task<string> TokenAsync(TestServer server, OraclePolicy[] policies, bool asJson)
    {
        foreach (OraclePolicy policy in policies)
        {
            TestReply written = await server.WriteAsync("sys/policies/acl/" + policy.Name, new JsonObject { ["policy"] = policy.ToText(asJson) }.ToJsonString());
            Assert.True(written.Status is 200 or 204, written.Text);
        }
        JsonNode names = new JsonArray([.. policies.Select(p => (JsonNode)p.Name)]);
        TestReply created = await server.WriteAsync("auth/token/create", new JsonObject { ["policies"] = names, ["no_default_policy"] = true }.ToJsonString());
        return created.Json.GetProperty("auth").GetProperty("client_token").GetString() ?? "";
    }

    /// <summary>The request as HTTP can carry it; null when it cannot.</summary>
    private OracleRequest? AsSent(OracleRequest request)
    {
        bool isWrite = request.Operation is "create" or "update" or "patch";
        if (request.Operation == "help" || (isWrite && request.Path.EndsWith('/')))
            return null;
        string operation = request.Operation is "create" or "update" ? _keys.Contains(request.Path) ? "update" : "create" : request.Operation;
        JsonObject? data = operation switch
        {
            "list" or "scan" or "delete" => null,
            "read" => new JsonObject(request.Data?.Where(d => d.Value?.GetValueKind() == JsonValueKind.String)
                .Select(d => KeyValuePair.Create(d.Key, d.Value?.DeepClone())) ?? []),
            _ => request.Data,
        };
        return request with { Operation = operation, Data = data, NeedsSudo = false };
    }

    private async Task<TestReply> SendAsync(TestServer server, OracleRequest request, string token)
    {
        string path = string.Join('/', request.Path.Split('/').Select(Uri.EscapeDataString));
        (string, string)[] headers = request.WrapSeconds is { } s ? [("X-Vault-Wrap-TTL", s.ToString(CultureInfo.InvariantCulture))] : [];
        string? body = request.Data?.ToJsonString();
        string query = request.Operation == "read" && request.Data?.Count > 0
            ? "?" + string.Join('&', request.Data.Select(d => d.Key + "=" + Uri.EscapeDataString(d.Value!.GetValue<string>())))
            : "";
        TestReply reply = request.Operation switch
        {
            "read" => await server.SendAsync(HttpMethod.Get, path + query, null, token, headers),
            "create" or "update" => await server.SendAsync(HttpMethod.Post, path, body, token, headers),
            "patch" => await server.SendAsync(HttpMethod.Patch, path, body ?? "", token, headers),
            "delete" => await server.SendAsync(HttpMethod.Delete, path, null, token, headers),
            _ => await server.SendAsync(new HttpMethod(request.Operation.ToUpperInvariant()), path, null, token, headers),
        };
        if (reply.Status is 200 or 204)
        {
            if (request.Operation is "create")
                _keys.Add(request.Path);
            else if (request.Operation is "delete")
                _keys.Remove(request.Path);
        }
        return reply;
    }

    /// <summary>What sys/capabilities says about a path, word by word .</summary>
    private static async Task<int> CompareReportAsync(TestServer server, OraclePolicy[] policies, string path, string token)
    {
        JsonNode question = new JsonObject { ["token"] = token, ["paths"] = new JsonArray(path) };
        JsonElement answer = (await server.WriteAsync("sys/capabilities", question.ToJsonString())).Data.GetProperty(path);
        string[] reported = [.. answer.EnumerateArray().Select(a => a.GetString() ?? "")];
        foreach (string word in Words)
        {
            List<string> granted = [.. PolicyOracle.Deciding(policies, word, path).SelectMany(r => r.Capabilities)];
            bool expected = granted.Contains(word) && !granted.Contains("deny");
            Assert.True(expected == reported.Contains(word), $"sys/capabilities says {string.Join(',', reported)}\n{PolicyShrinker.Print(policies, new OracleRequest(word, path))}");
        }
        return Words.Length;
    }
}
