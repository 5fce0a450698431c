using System.Globalization;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Conformance.Routes;

/// <summary>How much of the API of Vault 1.15 is served, family by family, and whether its rights are the same.</summary>
public sealed class CoverageTests(ITestOutputHelper output)
{
    /// <summary>unserved.txt holds for each family how many operations may be missing, and why. The numbers only go down.</summary>
    [Fact]
    public async Task Coverage_operationsOfVault_missingOnesOnlyGrowFewer()
    {
        Assert.SkipUnless(VaultYardstick.TryRead(out YardstickOperation[] operations), SharedData.SkipReason);
        var allowed = File.ReadLines(RepositoryRoot.Join("test", "Conformance", "Routes", "unserved.txt"))
            .Where(l => l.Length > 0 && !l.StartsWith('#')).Select(l => l.Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(p => p[0], p => (Count: int.Parse(p[1], CultureInfo.InvariantCulture), Reason: p[2]), StringComparer.Ordinal);
        (TestServer server, _) = await WalkedRoute.StartAsync();
        await using (server)
        {
            var wrong = new List<string>();
            int served = 0;
            foreach (var family in operations.GroupBy(o => o.Family).OrderBy(f => f.Key, StringComparer.Ordinal))
            {
                var missing = new List<string>();
                foreach (YardstickOperation operation in family)
                {
                    if (!await IsServedAsync(server, operation))
                        missing.Add($"{operation.Operation} {operation.Template}");
                }
                served += family.Count() - missing.Count;
                (int limit, string reason) = allowed.GetValueOrDefault(family.Key);
                output.WriteLine($"{family.Key}: {family.Count() - missing.Count} of {family.Count()} served{(missing.Count < limit ? $"; lower unserved.txt to {missing.Count}" : "")}");
                if (missing.Count > limit || (limit > 0 && string.IsNullOrEmpty(reason)))
                    wrong.Add($"{family.Key}: {missing.Count} missing, unserved.txt allows {limit}:\n  {string.Join("\n  ", missing)}");
            }
            output.WriteLine($"{served} of {operations.Length} operations served");
            Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        }
    }

    /// <summary>flag-differences.txt holds the paths whose rights differ from Vault's, and why.</summary>
    [Fact]
    public async Task Coverage_flagsOfServedPaths_equalVaultsOrAreExplained()
    {
        Assert.SkipUnless(VaultYardstick.TryRead(out YardstickOperation[] operations), SharedData.SkipReason);
        (TestServer server, _) = await WalkedRoute.StartAsync();
        await using (server)
        {
            var ours = (await server.ReadAsync("sys/internal/specs/openapi")).Json.GetProperty("paths").EnumerateObject()
                .GroupBy(p => VaultYardstick.Plain(p.Name))
                .ToDictionary(g => g.Key, g => (
                    Open: g.Any(p => p.Value.TryGetProperty("x-vault-unauthenticated", out var f) && f.GetBoolean()),
                    Sudo: g.Any(p => p.Value.TryGetProperty("x-vault-sudo", out var f) && f.GetBoolean())), StringComparer.Ordinal);
            var differences = new List<string>();
            int compared = 0;
            foreach (var path in operations.GroupBy(o => o.Template).OrderBy(p => p.Key, StringComparer.Ordinal))
            {
                if (!ours.TryGetValue(path.Key, out var own))
                    continue;
                compared++;
                if (own.Open != path.Any(o => o.IsUnauthenticated))
                    differences.Add($"{path.Key} {(own.Open ? "needs no token" : "needs a token")}");
                if (own.Sudo != path.Any(o => o.NeedsSudo))
                    differences.Add($"{path.Key} {(own.Sudo ? "needs sudo" : "needs no sudo")}");
            }
            output.WriteLine($"{compared} paths compared, {differences.Count} differ");
            string difference = CheckedList.Difference(differences, CheckedList.Read("flag-differences.txt"));
            Assert.True(difference.Length == 0, "flag-differences.txt differs:\n" + difference);
        }
    }

    private static async Task<bool> IsServedAsync(TestServer server, YardstickOperation operation)
    {
        // What would end the walk is looked up in place of called.
        if (operation.Template is "sys/seal" or "sys/step-down" or "auth/token/revoke-self")
            return (await server.ReadAsync(operation.Path + "?help=1")).Status == 200;
        HttpMethod method = operation.Operation switch
        {
            Operation.List => new HttpMethod("LIST"),
            Operation.Read => HttpMethod.Get,
            Operation.Update => HttpMethod.Post,
            _ => HttpMethod.Delete,
        };
        TestReply reply = await server.SendAsync(method, operation.Path, operation.Operation == Operation.Update ? "{}" : null);
        Assert.True(reply.Status != 429, reply.Text);
        return reply.Status != 405
            && !reply.Text.Contains("no handler for route", StringComparison.Ordinal)
            && !reply.Text.Contains("unsupported path", StringComparison.Ordinal);
    }
}
