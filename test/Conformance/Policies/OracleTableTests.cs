using Xunit;

namespace Candlefish.Secrets.Tests.Conformance.Policies;

/// <summary>The written cases, against the oracle and against the product: in HCL and in JSON.</summary>
public sealed class OracleTableTests
{
    public static TheoryData<string, string, string, bool> Cases =>
        new(OracleTable.Paths.Concat(OracleTable.Parameters).Select(c => (c.Id, c.Policies, c.Request, c.Allowed)));

    [Fact]
    public void Table_size_atLeast150()
    {
        Assert.True(Cases.Count >= 150, $"{Cases.Count} written cases");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Oracle_writtenCase_answersAsWritten(string id, string policies, string request, bool allowed)
    {
        Assert.True(allowed == PolicyOracle.Allows(OracleNotation.Policies(policies), OracleNotation.Request(request)), id);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Engine_writtenCase_answersAsWritten(string id, string policies, string request, bool allowed)
    {
        foreach (bool asJson in new[] { false, true })
            Assert.True(allowed == new ProductEngine(OracleNotation.Policies(policies), asJson).Allows(OracleNotation.Request(request)), $"{id}, JSON: {asJson}");
    }
}
