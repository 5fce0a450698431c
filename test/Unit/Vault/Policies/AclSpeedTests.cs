using System.Diagnostics;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Policies;

/// <summary>A decision costs the same with 100 and with 10,000 policies, and allocates nothing when it allows.</summary>
public sealed class AclSpeedTests(ITestOutputHelper output)
{
    private const int Decisions = 20_000;

    [Fact]
    public void Decide_allowedRequest_allocatesNothing()
    {
        var acl = ManyPolicies(200);
        AclRequest[] requests =
        [
            Request(Operation.Read, "secret/data/app7/config"),
            Request(Operation.Read, "kv/exact7"),
            Request(Operation.Update, "team/any/app7/deep/er"),
            Request(Operation.List, "secret/data/app7"),
        ];
        Assert.All(requests, request => Assert.True(acl.Decide(request).IsAllowed));
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var request in requests)
        {
            for (var i = 0; i < 1_000; i++)
            {
                acl.Decide(request);
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Decide_tenThousandPolicies_isAsFastAsAHundred()
    {
        Nanoseconds(ManyPolicies(100));
        var few = Nanoseconds(ManyPolicies(100));
        var many = Nanoseconds(ManyPolicies(10_000));
        output.WriteLine($"100 policies: {few:F0} ns, 10,000 policies: {many:F0} ns per decision");
        Assert.True(many < few * 10, $"100 policies: {few:F0} ns, 10,000 policies: {many:F0} ns per decision");
    }

    private static double Nanoseconds(Acl acl)
    {
        var best = double.MaxValue;
        for (var round = 0; round < 7; round++)
        {
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < Decisions; i++)
            {
                acl.Decide(Request(Operation.Read, (i & 1) == 0 ? "secret/data/app7/config" : "team/any/app7/deep/er"));
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalNanoseconds / Decisions);
        }

        return best;
    }

    private static AclRequest Request(Operation operation, string path) =>
        new() { Operation = operation, Path = path, Now = AclTable.Now };

    private static Acl ManyPolicies(int count) => Acl.Compile(
        Enumerable.Range(0, count).Select(i => PolicyParser.Parse($"p{i}", $$"""
            path "secret/data/app{{i}}/*" { capabilities = ["read", "list"] }
            path "secret/data/app{{i}}/locked" { capabilities = ["deny"] }
            path "kv/exact{{i}}" { capabilities = ["read"] }
            path "team/+/app{{i}}/*" { capabilities = ["read", "update"] }
            """)),
        null);
}
