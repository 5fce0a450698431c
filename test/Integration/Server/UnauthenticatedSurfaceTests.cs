using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Sys;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Server;

/// <summary>
/// Everything that answers without a token is in <c>unauthenticated.txt</c>, and nothing else does. Whoever adds a line there
/// answers for it.
/// </summary>
public sealed class UnauthenticatedSurfaceTests : IAsyncLifetime
{
    /// <summary>Vault's answer of unwrap and rewrap to whoever brings no token (status 400).</summary>
    private const string NoWrappingToken = "wrapping token is not valid or does not exist";

    private TestServer _server = null!; // set by InitializeAsync before any test runs

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        foreach (string type in _server.Node.Environment.Backends.TypesOf(MountClass.Auth))
            await _server.WriteAsync($"sys/auth/{type}", $$"""{"type":"{{type}}"}""");
        foreach (string type in _server.Node.Environment.Backends.TypesOf(MountClass.Secret))
            await _server.WriteAsync($"sys/mounts/{type}", $$"""{"type":"{{type}}"}""");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public void Routes_that_need_no_token_are_the_checked_in_ones()
    {
        string[] expected = [.. File.ReadAllLines(Path.Join(AppContext.BaseDirectory, "Server", "unauthenticated.txt")).Where(l => l.Length > 0 && l[0] != '#')];

        string[] actual = [.. StatelessRoutes().Concat(Routes().Where(r => r.IsOpen).Select(r => r.Line)).Order(StringComparer.Ordinal)];

        string more = string.Join("\n", actual.Except(expected));
        string less = string.Join("\n", expected.Except(actual));
        Assert.True(more.Length == 0, "answers without a token, but is not in unauthenticated.txt:\n" + more);
        Assert.True(less.Length == 0, "is in unauthenticated.txt, but needs a token or is gone:\n" + less);
    }

    [Fact]
    public async Task Every_other_route_refuses_a_request_without_token()
    {
        List<string> answered = [];
        foreach ((Operation operation, string path, string line, _) in Routes().Where(r => !r.IsOpen))
        {
            HttpMethod method = operation switch
            {
                Operation.Read => HttpMethod.Get,
                Operation.Delete => HttpMethod.Delete,
                Operation.Patch => HttpMethod.Patch,
                Operation.List => new HttpMethod("LIST"),
                Operation.Scan => new HttpMethod("SCAN"),
                _ => HttpMethod.Post,
            };
            TestReply reply = await _server.SendAsync(method, path, method == HttpMethod.Post || method == HttpMethod.Patch ? "{}" : null, token: null);
            if (reply.Status != 403 && reply.Error != NoWrappingToken)
                answered.Add($"{line}: {reply.Status}");
        }

        Assert.Empty(answered);
    }

    private IEnumerable<string> StatelessRoutes() =>
        _server.Node.StatelessRoutes.SelectMany(r => r.Handlers.Keys.Select(operation => $"{operation} {r.Path}"));

    private IEnumerable<(Operation Operation, string Path, string Line, bool IsOpen)> Routes()
    {
        foreach (Mount mount in (_server.Node.Vault ?? throw new InvalidOperationException("sealed")).Mounts(Namespace.Root).Router.Mounts)
        {
            foreach (Route route in mount.Backend.Routes.Routes)
            {
                // Create and update are one method on the wire.
                foreach (Operation operation in route.Handlers.Keys.Where(o => o != Operation.Create))
                {
                    string path = mount.RoutePrefix + string.Join('/', route.Pattern.Split('/').Select(s => s.StartsWith('{') ? "x" : s));
                    yield return (operation, path, $"{operation} {mount.RoutePrefix}{route.Pattern}", route.IsUnauthenticated(operation));
                }
            }
        }
    }
}
