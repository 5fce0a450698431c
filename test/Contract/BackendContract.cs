using System.Text;
using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Contract;

/// <summary>What every secrets engine and auth method promises, checked over its own route table.</summary>
/// <remarks>A backend derives this, says how it is enabled, and may prepare something (a configuration, a role).</remarks>
public abstract class BackendContract
{
    private const string Canary = "c4n4ry-7hat-mus7-not-l3ak";

    private static readonly Operation[] Operations = [Operation.Read, Operation.Update, Operation.Patch, Operation.Delete, Operation.List, Operation.Scan];

    private static readonly string[] WrongValues =
        ["{}", "[]", "[{}]", "[[1]]", "true", "-1", "0", "1.5", "1e400", "99999999999999999999", "\"\"", "\"x\"", "\"-1h\"", "\"\\u0000\"", "\"%\"", "{\"a\":{}}", "{\"\":null}", "[null]"];

    private static readonly string[] WrongBodies =
        ["[1]", "\"x\"", "{", "null", "{\"a\":1,\"a\":2}", "{\"a\":\"\\ud800\"}", new string('[', 200), "{\"a\":" + new string('[', 70) + new string(']', 70) + "}"];

    /// <summary>Where it is mounted, for example <c>sys/mounts/x</c> or <c>sys/auth/x</c>, and the body of that request.</summary>
    protected abstract (string Path, string Body) Enable { get; }

    /// <summary>Configures the backend, when it is of no use without.</summary>
    protected virtual Task PrepareAsync(TestVault vault, string mount) => Task.CompletedTask;

    /// <summary>A text that a pattern's segment stands for.</summary>
    protected virtual string Segment(string name) => "c1";

    private string MountPath => Enable.Path.StartsWith("sys/auth/", StringComparison.Ordinal)
        ? Enable.Path["sys/".Length..] + "/"
        : Enable.Path["sys/mounts/".Length..] + "/";

    [Fact]
    public async Task Routes_all_areDocumented()
    {
        await using TestVault vault = await StartAsync();
        foreach (Route route in RoutesOf(vault))
        {
            Assert.True(IsSentence(route.Summary), $"{route.Pattern}: '{route.Summary}' is no sentence");
            Assert.NotEmpty(route.Handlers);
            Assert.Equal(route.Fields.Count, route.Fields.Select(f => f.Name).Distinct(StringComparer.Ordinal).Count());
            Assert.All(route.Fields, f => Assert.True(IsSentence(f.Description), $"{route.Pattern} {f.Name}: '{f.Description}' is no sentence"));
            Assert.Equal(200, (await vault.SendAsync(Operation.Help, PathOf(route))).Status);
        }
    }

    [Fact]
    public async Task Path_unknown_is404()
    {
        await using TestVault vault = await StartAsync();
        Assert.Equal(404, (await vault.ReadAsync(MountPath + "no/such/path")).Status);
    }

    [Fact]
    public async Task Operation_unsupported_is405()
    {
        await using TestVault vault = await StartAsync();
        foreach (Route route in RoutesOf(vault))
        {
            foreach (Operation operation in Operations.Where(o => !route.Handlers.ContainsKey(o)))
            {
                TestResponse response = await vault.SendAsync(operation, PathOf(route), "{}");
                Assert.True(response.Status == 405, $"{operation} {route.Pattern}: {response.Status}");
                Assert.Equal("1 error occurred:\n\t* unsupported operation\n\n", response.Error);
            }
        }
    }

    [Fact]
    public async Task Caller_withoutToken_isRefused()
    {
        await using TestVault vault = await StartAsync();
        foreach (Route route in RoutesOf(vault))
        {
            foreach (Operation operation in Operations.Where(o => route.Handlers.ContainsKey(o) && !route.IsUnauthenticated(o)))
                Assert.Equal(403, (await vault.SendAsync(operation, PathOf(route), "{}", "")).Status);
        }
    }

    [Fact]
    public async Task Fields_ofWrongType_areTheClientsError()
    {
        await using TestVault vault = await StartAsync();
        foreach ((Route route, Operation operation) in HandledOf(vault))
        {
            foreach (string body in WrongBodies)
                AssertNoServerError(await vault.SendAsync(operation, PathOf(route), body), operation, route, body);
            foreach (Field field in route.Fields)
            {
                foreach (string value in WrongValues)
                {
                    string body = $"{{\"{field.Name}\":{value}}}";
                    AssertNoServerError(await vault.SendAsync(operation, PathOf(route), body), operation, route, body);
                }
            }
        }
    }

    [Fact]
    public async Task Errors_ofAnyRequest_holdNoValues()
    {
        await using TestVault vault = await StartAsync();
        string quoted = JsonSerializer.Serialize(Canary);
        foreach ((Route route, Operation operation) in HandledOf(vault))
        {
            foreach (Field field in route.Fields)
            {
                foreach (string value in new[] { quoted, $"[{quoted}]", $"{{\"k\":{quoted}}}", $"{{\"k\":[{{\"k\":{quoted}}}]}}" })
                {
                    TestResponse response = await vault.SendAsync(operation, PathOf(route), $"{{\"{field.Name}\":{value}}}");
                    Assert.False(response.Status >= 400 && response.Text.Contains(Canary, StringComparison.Ordinal), $"{operation} {route.Pattern} {field.Name} repeats the value");
                }
            }
            TestResponse broken = await vault.SendAsync(operation, PathOf(route), $"{{\"a\":{quoted}");
            Assert.DoesNotContain(Canary, broken.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Answers_afterSealAndUnseal_areTheSame()
    {
        await using TestVault vault = await StartAsync();
        var before = new List<string>();
        foreach (Route route in RoutesOf(vault).Where(r => r.Handlers.ContainsKey(Operation.Read)))
            before.Add(await ShapeAsync(vault, route));
        await vault.Node.SealAsync();
        await vault.UnsealAsync();
        var after = new List<string>();
        foreach (Route route in RoutesOf(vault).Where(r => r.Handlers.ContainsKey(Operation.Read)))
            after.Add(await ShapeAsync(vault, route));
        Assert.Equal(before, after);
    }

    private static async Task<string> ShapeAsync(TestVault vault, Route route, string path) =>
        (await vault.ReadAsync(path)) is { } response ? $"{route.Pattern} {response.Status} {Names(response)}" : "";

    private Task<string> ShapeAsync(TestVault vault, Route route) => ShapeAsync(vault, route, PathOf(route));

    // Names of the data members, not values: an answer may be generated anew each time.
    private static string Names(TestResponse response) =>
        response.Status == 200 && response.Text.StartsWith('{') && response.Json.TryGetProperty("data", out JsonElement data) && data.ValueKind == JsonValueKind.Object
            ? string.Join(',', data.EnumerateObject().Select(m => m.Name))
            : "";

    private async Task<TestVault> StartAsync()
    {
        TestVault vault = await TestVault.StartAsync();
        TestResponse enabled = await vault.WriteAsync(Enable.Path, Enable.Body);
        Assert.True(enabled.Status == 204, $"{Enable.Path}: {enabled.Status} {enabled.Text}");
        await PrepareAsync(vault, MountPath);
        return vault;
    }

    private IReadOnlyList<Route> RoutesOf(TestVault vault)
    {
        UnsealedVault open = vault.Node.Vault ?? throw new InvalidOperationException("the vault is sealed");
        Mount mount = open.Mounts(Namespace.Root).Router.Find(MountPath) ?? throw new InvalidOperationException($"no mount at {MountPath}");
        return mount.Backend.Routes.Routes;
    }

    private IEnumerable<(Route Route, Operation Operation)> HandledOf(TestVault vault) =>
        RoutesOf(vault).SelectMany(r => Operations.Where(r.Handlers.ContainsKey).Select(o => (r, o)));

    private string PathOf(Route route)
    {
        var path = new StringBuilder(MountPath);
        foreach (string segment in route.Pattern.Split('/'))
            path.Append(segment.StartsWith('{') ? Segment(segment.Trim('{', '}', '*')) : segment).Append('/');
        return path.ToString(0, path.Length - 1);
    }

    private static bool IsSentence(string text) => text.Length > 3 && text.EndsWith('.') && !char.IsLower(text[0]);

    private static void AssertNoServerError(TestResponse response, Operation operation, Route route, string body)
    {
        Assert.True(response.Status < 500, $"{operation} {route.Pattern} {body}: {response.Status} {response.Text}");
        Assert.True(response.Status != 400 || response.Error.Length > 0, $"{operation} {route.Pattern} {body}: 400 without a reason");
    }
}
