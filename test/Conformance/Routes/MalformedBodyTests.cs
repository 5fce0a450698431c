using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Conformance.Routes;

/// <summary>Every route with bodies and parameters that are wrong: refused or taken, never a server error, never an echo.</summary>
public sealed class MalformedBodyTests(ITestOutputHelper output)
{
    /// <summary>Words of the inside that no client may see.</summary>
    private static readonly string[] Insides = ["   at ", "Exception", "System.", "Candlefish.", "stack", "JsonElement", "Newtonsoft", ".cs:line"];

    private readonly List<string> _wrong = [];
    private int _requests;

    [Fact]
    public async Task Row106_Row075_everyRoute_malformedBodies_neverFailNorEcho()
    {
        (TestServer server, WalkedRoute[] routes) = await WalkedRoute.StartAsync();
        await using (server)
        {
            string trail = Path.Join(server.Directory.Path, "trail.log");
            Assert.Equal(204, (await server.WriteAsync("sys/audit/trail", $$$"""{"type":"file","options":{"file_path":"{{{trail}}}"}}""")).Status);
            foreach (WalkedRoute route in routes.Where(r => !r.EndsTheServer && !IsQuota(r) && r.Operation is Operation.Update or Operation.Patch))
            {
                string token = await new RouteTokens(server).RootAsync();
                foreach (byte[] body in BodiesOf(route))
                    await TryAsync(server, route, route.Path, body, token);
            }
            // A value that was taken may become a name, of a policy or a path, and names stand in the trail.
            string[] echoing = [.. ReadLines(trail).Where(l => l.Contains(MalformedBodies.Canary, StringComparison.Ordinal) && !l.Contains("\"response\":{\"status\":200", StringComparison.Ordinal))];
            _wrong.AddRange(echoing.Select(l => "the audit trail holds the canary: " + l));
            await EndAsync(server);
        }
    }

    /// <summary>A quota that was made from nonsense would slow everything down: such a server is given up.</summary>
    [Fact]
    public async Task Row106_quotaRoutes_malformedBodies_neverFailNorEcho()
    {
        (TestServer server, WalkedRoute[] routes) = await WalkedRoute.StartAsync();
        try
        {
            foreach (WalkedRoute route in routes.Where(r => IsQuota(r) && r.Operation is Operation.Update or Operation.Patch))
            {
                foreach (byte[] body in BodiesOf(route))
                {
                    if (await TryAsync(server, route, route.Path, body, TestServer.RootToken) < 300)
                    {
                        await server.DisposeAsync();
                        server = await TestServer.StartAsync();
                    }
                }
            }
            await EndAsync(server);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Row075_everyRoute_malformedPathsAndQueries_neverFailNorEcho()
    {
        (TestServer server, WalkedRoute[] routes) = await WalkedRoute.StartAsync();
        await using (server)
        {
            string[] segments = ["%00", "%ff", "%", "%2e%2e", "..", "a%0ab", "%C3%A9", "%f0%9f%94%91", "+", "*", "a%20b", new string('x', 3_000), new string('y', 4_000), "%7b%7bidentity%7d%7d", "0", "-1"];
            string[] values = ["", "%00", "%zz", "true", "-1", "99999999999999999999", "1e400", "%5b%5d", "a&a=b", MalformedBodies.Canary];
            foreach (WalkedRoute route in routes.Where(r => !r.EndsTheServer))
            {
                string token = await new RouteTokens(server).RootAsync();
                byte[]? body = route.Operation is Operation.Update or Operation.Patch ? "{}"u8.ToArray() : null;
                if (route.Template.Contains('{', StringComparison.Ordinal))
                {
                    foreach (string segment in segments)
                        await TryAsync(server, route, string.Join('/', route.Template.Split('/').Select(s => s.StartsWith('{') ? segment : s)), body, token);
                }
                foreach (string field in body is null ? [.. route.Fields, "list", "scan", "help"] : Array.Empty<string>())
                {
                    foreach (string value in values)
                        await TryAsync(server, route, $"{route.Path}?{field}={value}", body, token);
                }
            }
            await EndAsync(server);
        }
    }

    /// <summary>Objects made to be slow to read are refused in little time.</summary>
    [Fact]
    public async Task Row101_complexObjects_areRefusedAtOnce()
    {
        await using TestServer server = await TestServer.StartAsync();
        foreach ((string name, byte[] body) in MalformedBodies.Complex())
        {
            long started = Stopwatch.GetTimestamp();
            TestReply reply = await SendAsync(server, HttpMethod.Post, "secret/data/complex", body, TestServer.RootToken);
            TimeSpan took = Stopwatch.GetElapsedTime(started);
            output.WriteLine($"{name}: {reply.Status} in {took.TotalMilliseconds:F0} ms");
            Assert.True(reply.Status is 400 or 413, $"{name}: {reply.Status} {reply.Text}");
            Assert.True(took < TimeSpan.FromSeconds(5), $"{name}: {took}");
        }
    }

    private static IEnumerable<string> ReadLines(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    private static bool IsQuota(WalkedRoute route) => route.Template.StartsWith("sys/quotas/", StringComparison.Ordinal);

    private static IEnumerable<byte[]> BodiesOf(WalkedRoute route) =>
        MalformedBodies.Whole().Concat(MalformedBodies.OfFields(route.Fields)).Append(MalformedBodies.Large(route.Fields.FirstOrDefault() ?? "value"));

    private async Task<int> TryAsync(TestServer server, WalkedRoute route, string path, byte[]? body, string token)
    {
        TestReply reply = await SendAsync(server, route.Method, path, body, token);
        _requests++;
        string sent = body is null ? "" : Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 100)));
        if (reply.Status >= 500 && !(route.Template == "sys/health" && reply.Text.Contains("\"initialized\"", StringComparison.Ordinal)))
            _wrong.Add($"{route.Name} {path}: {reply.Status} for {sent}: {reply.Text.Trim()}");
        if (reply.Status < 400)
            return reply.Status;
        // The path is the caller's own and may be named; a value of the body or the query may not.
        if (reply.Text.Contains(MalformedBodies.Canary, StringComparison.Ordinal) || reply.Text.Contains(MalformedBodies.NameCanary, StringComparison.Ordinal))
            _wrong.Add($"{route.Name} echoes a value for {sent} {path}: {reply.Text.Trim()}");
        if (Insides.FirstOrDefault(i => reply.Text.Contains(i, StringComparison.Ordinal)) is { } inside)
            _wrong.Add($"{route.Name} shows '{inside}' for {sent}: {reply.Text.Trim()}");
        return reply.Status;
    }

    private async Task EndAsync(TestServer server)
    {
        Assert.Equal(200, (await server.ReadAsync("sys/health")).Status);
        if (server.Log.Contains(MalformedBodies.Canary, StringComparison.Ordinal))
            _wrong.Add("the server log holds the canary");
        output.WriteLine($"{_requests} malformed requests, {_wrong.Count} wrong");
        Assert.True(_wrong.Count == 0, $"{_wrong.Count} wrong; the first:\n" + string.Join('\n', _wrong.Take(40)));
    }

    private static async Task<TestReply> SendAsync(TestServer server, HttpMethod method, string path, byte[]? body, string token)
    {
        using var request = new HttpRequestMessage(method, new Uri(server.Address + "v1/" + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        }
        request.Headers.Add("X-Vault-Token", token);
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        return await TestReply.OfAsync(response);
    }
}
