using System.Globalization;
using Candlefish.Secrets.Vault.Policies;
using Xunit;

namespace Candlefish.Secrets.Tests.Conformance.Policies;

/// <summary>Random policies and requests: the engine must answer as the oracle does.</summary>
public sealed class PolicyComparisonTests(ITestOutputHelper output)
{
    private const int RequestsPerSet = 40;

    /// <summary>4,000, or as many as the environment variable CANDLEFISH_POLICY_SETS says, for long runs.</summary>
    private static readonly int Sets = int.TryParse(Environment.GetEnvironmentVariable("CANDLEFISH_POLICY_SETS"), NumberStyles.None, CultureInfo.InvariantCulture, out int sets)
        ? sets
        : 4_000;

    private static readonly Capability[] Reported =
        [Capability.Create, Capability.Read, Capability.Update, Capability.Patch, Capability.Delete, Capability.List, Capability.Scan];

    [Fact]
    public void Engine_randomPoliciesAndRequests_decidesAsTheOracle()
    {
        int seed = FreshSeed(output);
        int allowed = 0;
        for (int set = 0; set < Sets; set++)
        {
            var cases = new PolicyCases(new Random(seed + set));
            OraclePolicy[] policies = cases.Policies();
            var engine = new ProductEngine(policies, asJson: set % 2 == 0);
            for (int i = 0; i < RequestsPerSet; i++)
            {
                OracleRequest request = cases.Request(policies);
                bool expected = PolicyOracle.Allows(policies, request);
                if (engine.Allows(request) != expected)
                    Fail(seed, policies, request);
                allowed += expected ? 1 : 0;
            }
        }
        output.WriteLine($"{Sets * RequestsPerSet} decisions, 0 wrong ({allowed} allowed)");
        // A generator that only ever asks for the forbidden would prove nothing.
        Assert.InRange(allowed, Sets * RequestsPerSet / 10, Sets * RequestsPerSet * 9 / 10);
    }

    /// <summary>What sys/capabilities reports is what the decision allows .</summary>
    [Fact]
    public void Engine_capabilitiesOfAPath_areThoseTheOracleGrants()
    {
        int seed = FreshSeed(output);
        int compared = 0;
        for (int set = 0; set < Sets; set++)
        {
            var cases = new PolicyCases(new Random(seed + set));
            OraclePolicy[] policies = cases.Policies();
            string path = cases.Path(policies);
            foreach (Capability capability in Reported)
            {
                var request = new OracleRequest(NameOf(capability), path);
                if (!ReportsAsGranted(policies, request))
                {
                    (OraclePolicy[] fewest, _) = PolicyShrinker.Shrink(policies, request, (p, r) => !ReportsAsGranted(p, r));
                    Assert.Fail($"CANDLEFISH_SEED={seed}: reported {new ProductEngine(fewest, asJson: false).CapabilitiesOf(path)}\n{PolicyShrinker.Print(fewest, request)}");
                }
                compared++;
            }
        }
        output.WriteLine($"{compared} reported capabilities, 0 wrong");
    }

    /// <summary>A seed of this run, or that of the environment variable CANDLEFISH_SEED; printed.</summary>
    internal static int FreshSeed(ITestOutputHelper output)
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CANDLEFISH_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int given)
            ? given
            : Random.Shared.Next(1_000_000_000);
        output.WriteLine($"CANDLEFISH_SEED={seed}");
        return seed;
    }

    private static bool ReportsAsGranted(OraclePolicy[] policies, OracleRequest request)
    {
        List<string> granted = [.. PolicyOracle.Deciding(policies, request.Operation, request.Path).SelectMany(r => r.Capabilities)];
        Capability reported = new ProductEngine(policies, asJson: false).CapabilitiesOf(request.Path);
        bool expected = granted.Contains(request.Operation) && !granted.Contains("deny");
        return expected == (reported.HasFlag(Enum.Parse<Capability>(request.Operation, ignoreCase: true)) && !reported.HasFlag(Capability.Deny));
    }

    private static string NameOf(Capability capability) => capability.ToString().ToLowerInvariant();

    private static void Fail(int seed, OraclePolicy[] policies, OracleRequest request)
    {
        (OraclePolicy[] fewest, OracleRequest simplest) = PolicyShrinker.Shrink(policies, request, Differ);
        Assert.Fail($"CANDLEFISH_SEED={seed}; the oracle says {PolicyOracle.Allows(fewest, simplest)}, the engine the opposite:\n{PolicyShrinker.Print(fewest, simplest)}");
    }

    private static bool Differ(OraclePolicy[] policies, OracleRequest request)
    {
        return new ProductEngine(policies, asJson: false).Allows(request) != PolicyOracle.Allows(policies, request);
    }
}
