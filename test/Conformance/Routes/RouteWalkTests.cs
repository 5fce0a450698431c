using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Conformance.Routes;

/// <summary>Every operation of the server's own OpenAPI document with ten tokens: nobody enters without the right.</summary>
public sealed class RouteWalkTests(ITestOutputHelper output)
{
    /// <summary>The surface without a token is a fixed list: a new line is a decision (row 85).</summary>
    [Fact]
    public async Task Row085_unauthenticatedOperations_areTheCheckedInList()
    {
        (TestServer server, _) = await WalkedRoute.StartAsync();
        await using (server)
        {
            IEnumerable<string> stateless = server.Node.StatelessRoutes.SelectMany(r => r.Handlers.Keys.Select(o => NameOf(o, r.Path)));
            string difference = CheckedList.Difference([.. Flagged(server, (r, o) => r.IsUnauthenticated(o)).Concat(stateless).Distinct()], CheckedList.Read("unauthenticated.txt"));
            Assert.True(difference.Length == 0, "unauthenticated.txt differs from the route tables:\n" + difference);
        }
    }

    /// <summary>The operations that need sudo besides the capability are a fixed list.</summary>
    [Fact]
    public async Task Row047_rootProtectedOperations_areTheCheckedInList()
    {
        (TestServer server, _) = await WalkedRoute.StartAsync();
        await using (server)
        {
            string difference = CheckedList.Difference([.. Flagged(server, (r, o) => r.NeedsSudo(o)).Distinct()], CheckedList.Read("sudo.txt"));
            Assert.True(difference.Length == 0, "sudo.txt differs from the route tables:\n" + difference);
        }
    }

    [Fact]
    public async Task Row047_everyOperationWithEveryToken_answersByItsRights()
    {
        (TestServer server, WalkedRoute[] routes) = await WalkedRoute.StartAsync();
        await using (server)
        {
            var tokens = new RouteTokens(server);
            var open = CheckedList.Read("unauthenticated.txt").ToHashSet(StringComparer.Ordinal);
            var sudo = CheckedList.Read("sudo.txt").ToHashSet(StringComparer.Ordinal);
            string expired = await tokens.ExpiredAsync();
            string revoked = await tokens.RevokedAsync();
            Acl byDefault = Acl.Compile([PolicyParser.Parse("default", DefaultPolicies.Default)], null);
            var wrong = new List<string>();
            int requests = 0;
            foreach (WalkedRoute route in routes)
            {
                bool isOpen = open.Contains(route.Name);
                bool needsSudo = sudo.Contains(route.Name);
                bool mayByDefault = byDefault.Decide(new AclRequest { Operation = route.Operation, Path = route.Path, IsRootProtected = needsSudo, Now = default }).IsAllowed;
                (string Kind, string? Token, bool Enters)[] cases =
                [
                    ("no token", null, isOpen),
                    ("bogus", RouteTokens.Bogus, isOpen),
                    ("expired", expired, isOpen),
                    ("revoked", revoked, isOpen),
                    ("default only", await tokens.DefaultOnlyAsync(), isOpen || mayByDefault),
                    ("read only", await tokens.ReadOnlyAsync(route.Path), isOpen || (route.Operation == Operation.Read && !needsSudo)),
                    ("denied", await tokens.DeniedAsync(route.Path), isOpen),
                    ("all but sudo", await tokens.WithoutSudoAsync(), isOpen || !needsSudo),
                    ("sudo alone", await tokens.SudoAloneAsync(), isOpen),
                    ("root", route.EndsTheServer ? null : await tokens.RootAsync(), !route.EndsTheServer),
                ];
                foreach ((string kind, string? token, bool enters) in cases)
                {
                    TestReply reply = await server.SendAsync(route.Method, route.Path, route.Operation is Operation.Update or Operation.Patch ? "{}" : null, token);
                    requests++;
                    bool isDenied = reply.Status == 403 && reply.Text.Contains("permission denied", StringComparison.Ordinal);
                    if (enters ? isDenied : !IsRefusal(route, reply))
                        wrong.Add($"{route.Name}, {kind}: {(enters ? "should enter" : "should be refused")}, answered {reply.Status} {reply.Text.Trim()}");
                    else if (reply.Status >= 500)
                        wrong.Add($"{route.Name}, {kind}: {reply.Status} {reply.Text.Trim()}");
                }
            }
            output.WriteLine($"{routes.Length} operations, {requests} requests with 10 tokens, {wrong.Count} wrong");
            Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        }
    }

    /// <summary>The document that the walk follows leaves nothing out.</summary>
    [Fact]
    public async Task Row047_openApiDocument_namesEveryRoute()
    {
        (TestServer server, WalkedRoute[] routes) = await WalkedRoute.StartAsync();
        await using (server)
        {
            var walked = routes.Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
            string[] missing = [.. Flagged(server, (_, o) => o is not Operation.Scan).Where(n => !walked.Contains(n)).Distinct()];
            Assert.True(missing.Length == 0, "not in sys/internal/specs/openapi:\n" + string.Join('\n', missing));
        }
    }

    /// <summary>403; for the two routes whose token is the wrapping token itself, the text that Vault has for it.</summary>
    private static bool IsRefusal(WalkedRoute route, TestReply reply) =>
        reply.Status == 403
        || (reply.Status == 400 && route.Template is "sys/wrapping/unwrap" or "sys/wrapping/rewrap" && reply.Error == "wrapping token is not valid or does not exist");

    private static IEnumerable<string> Flagged(TestServer server, Func<Route, Operation, bool> has)
    {
        foreach (Mount mount in server.Node.Vault?.Mounts(Namespace.Root).Router.Mounts ?? [])
        {
            foreach (Route route in mount.Backend.Routes.Routes)
            {
                foreach (Operation operation in route.Handlers.Keys.Where(o => has(route, o)))
                    yield return NameOf(operation, mount.RoutePrefix + route.Pattern.Replace("*}", "}", StringComparison.Ordinal));
            }
        }
    }

    private static string NameOf(Operation operation, string template) =>
        $"{(operation == Operation.Create ? Operation.Update : operation).ToString().ToUpperInvariant()} {template}";
}
