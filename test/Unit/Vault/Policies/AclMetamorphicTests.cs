using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Policies;

/// <summary>
/// What must hold between two decisions, whatever the policies are: random sets of overlapping patterns over a small
/// alphabet, random requests that often match them.
/// </summary>
public sealed class AclMetamorphicTests(ITestOutputHelper output)
{
    private const int Sets = 1_000;
    private const int RequestsPerSet = 40;

    private static readonly string[] s_segments = ["a", "b", "aa", "ab", "A", "+", "+", "+x", "a+", "x*y"];
    private static readonly string[] s_words = ["read", "create", "update", "delete", "list", "scan", "patch", "sudo", "deny", "read,list", ""];

    [Fact]
    public void Deny_added_neverAddsAccess() => ForEachSet((policies, requests, random) =>
    {
        var before = AclTable.Compile(policies);
        var after = AclTable.Compile($"{policies} || {Pattern(random)} = deny");
        foreach (var request in requests)
        {
            Assert.False(!AclTable.Decide(before, request).IsAllowed && AclTable.Decide(after, request).IsAllowed, request);
        }
    });

    [Fact]
    public void UnrelatedPolicy_added_changesNothing() => ForEachSet((policies, requests, random) =>
    {
        var before = AclTable.Compile(policies);
        var after = AclTable.Compile($"{policies} || other/{Pattern(random)} = deny; other/+/* = read; Other = sudo");
        foreach (var request in requests)
        {
            Assert.Equal(Answer(before, request), Answer(after, request));
        }
    });

    [Fact]
    public void Policies_reorderedAndSplit_decideTheSame() => ForEachSet((policies, requests, random) =>
    {
        var rules = policies.Split("||", StringSplitOptions.TrimEntries).SelectMany(p => p.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToArray();
        random.Shuffle(rules);
        var before = AclTable.Compile(policies);
        var split = AclTable.Compile(string.Join(" || ", rules));
        var joined = AclTable.Compile(string.Join("; ", rules));
        foreach (var request in requests)
        {
            Assert.Equal(Answer(before, request), Answer(split, request));
            Assert.Equal(Answer(before, request), Answer(joined, request));
        }
    });

    [Fact]
    public void Names_replacedConsistently_decideTheSame() => ForEachSet((policies, requests, _) =>
    {
        var before = AclTable.Compile(policies);
        var after = AclTable.Compile(string.Join(" || ", policies.Split("||", StringSplitOptions.TrimEntries).Select(policy =>
            string.Join("; ", policy.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(rule => Rename(rule, " ="))))));
        foreach (var request in requests)
        {
            var space = request.IndexOf(' ', StringComparison.Ordinal);
            Assert.Equal(Answer(before, request), Answer(after, request[..(space + 1)] + Rename(request[(space + 1)..], null)));
        }
    });

    [Fact]
    public void ExplicitDeny_ofLowerCasePolicies_holdsInEveryLetterCase() => ForEachSet((policies, requests, random) =>
    {
        var acl = AclTable.Compile(policies.ToLowerInvariant());
        foreach (var request in requests.Select(request => request.ToLowerInvariant()))
        {
            var variant = string.Concat(request.Select((c, i) => i > request.IndexOf(' ', StringComparison.Ordinal) && random.Next(2) == 0 ? char.ToUpperInvariant(c) : c));
            if (AclTable.Decide(acl, request).Denial == AclDenial.ExplicitDeny)
            {
                Assert.Equal(AclDenial.ExplicitDeny, AclTable.Decide(acl, variant).Denial);
            }
        }
    });

    [Fact]
    public void CapabilitiesOf_agreesWithDecide() => ForEachSet((policies, requests, _) =>
    {
        var acl = AclTable.Compile(policies);
        foreach (var path in requests.Select(request => request.Split(' ', 2)[1]))
        {
            var capabilities = acl.CapabilitiesOf(path, AclTable.Now);
            foreach (var operation in Enum.GetValues<Operation>().Where(operation => operation != Operation.Help))
            {
                var needed = CapabilityNames.For(operation);
                Assert.Equal(AclTable.Decide(acl, $"{operation} {path}").IsAllowed, capabilities.HasFlag(needed));
                if (operation is not (Operation.List or Operation.Scan))
                {
                    Assert.Equal(
                        AclTable.Decide(acl, $"{operation}! {path}").IsAllowed,
                        capabilities.HasFlag(needed | Capability.Sudo));
                }
            }

            Assert.NotEqual(Capability.None, capabilities);
            Assert.True(capabilities == Capability.Deny || !capabilities.HasFlag(Capability.Deny));
        }
    });

    [Fact]
    public void ReachesInto_isTrueWhereverSomethingIsAllowed() => ForEachSet((policies, requests, _) =>
    {
        var acl = AclTable.Compile(policies);
        foreach (var request in requests.Where(request => AclTable.Decide(acl, request).IsAllowed))
        {
            var path = request.Split(' ', 2)[1] + (request.StartsWith("list", StringComparison.Ordinal) || request.StartsWith("scan", StringComparison.Ordinal) ? "/" : "");
            for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
            {
                if (slash < path.TrimEnd('/').Length)
                {
                    Assert.True(acl.ReachesInto(path[..(slash + 1)], AclTable.Now), $"{request} in {path[..(slash + 1)]}");
                }
            }
        }
    });

    [Fact]
    public void Rules_ofExactPaths_areWhatIsDecided() => ForEachSet((policies, _, _) =>
    {
        var acl = AclTable.Compile(policies.ToLowerInvariant());
        var rules = acl.Rules(AclTable.Now);
        const Capability listed = Capability.List | Capability.Scan;
        foreach (var (path, capabilities) in rules.ExactPaths)
        {
            var decided = acl.CapabilitiesOf(path, AclTable.Now);
            Assert.Equal(capabilities & ~listed & ~Capability.Deny, decided & ~listed & ~Capability.Deny);
        }
    });

    private void ForEachSet(Action<string, string[], Random> check)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < Sets; i++)
        {
            var policies = Policies(random);
            var requests = Enumerable.Range(0, RequestsPerSet).Select(_ => Request(policies, random)).ToArray();
            try
            {
                check(policies, requests, random);
            }
            catch (Xunit.Sdk.XunitException e)
            {
                Assert.Fail($"seed {seed}, set {i} [{policies}]: {e.Message}");
            }
        }
    }

    private static string Answer(Acl acl, string request)
    {
        var decision = AclTable.Decide(acl, request);
        return decision.IsAllowed ? "ok" : decision.Denial.ToString();
    }

    private static string Policies(Random random) =>
        string.Join(" || ", Enumerable.Range(0, random.Next(1, 4)).Select(_ =>
            string.Join("; ", Enumerable.Range(0, random.Next(1, 6)).Select(_ =>
                $"{Pattern(random)} = {s_words[random.Next(s_words.Length)]}"))));

    private static string Pattern(Random random)
    {
        var path = string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => s_segments[random.Next(s_segments.Length)]));
        return random.Next(4) switch
        {
            0 when !path.EndsWith('+') => path + "*",
            1 => path + "/*",
            2 when random.Next(3) == 0 => path + "/",
            _ => path,
        };
    }

    /// <summary>Half of the paths come from a pattern of the set with its wildcards filled.</summary>
    private static string Request(string policies, Random random)
    {
        var operation = Enum.GetValues<Operation>()[random.Next(7)].ToString().ToLowerInvariant();
        string[] rules = policies.Split(["||", ";"], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var path = random.Next(2) == 0 ? Pattern(random) : rules[random.Next(rules.Length)].Split(" =")[0];
        var filled = path.TrimEnd('*').Split('/').Select(segment => segment == "+" ? s_segments[random.Next(5)] : segment);
        return $"{operation} {string.Join('/', filled)}{(random.Next(4) == 0 ? "/" + s_segments[random.Next(5)] : "")}";
    }

    private static string Rename(string text, string? until)
    {
        var end = until is null ? text.Length : text.IndexOf(until, StringComparison.Ordinal);
        return string.Concat(text[..end].Select(c => char.IsAsciiLetter(c) && char.ToLowerInvariant(c) <= 'm' ? (char)(c + 13) : c)) + text[end..];
    }
}
