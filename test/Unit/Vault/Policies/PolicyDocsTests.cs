using Candlefish.Secrets.Vault.Policies;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Policies;

/// <summary>docs/policies.md tells the truth: its example policy gives the answers of its table, its texts parse.</summary>
public sealed class PolicyDocsTests
{
    [Fact]
    public void PoliciesPage_workedExample_decidesAsWritten()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "policies.md"));
        var blocks = page.Split("```hcl\n").Skip(1).Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]).ToArray();
        var acl = Acl.Compile([PolicyParser.Parse("example", blocks[0])], null);
        var rows = page.Split('\n').Where(line => line.Contains("` | yes | ", StringComparison.Ordinal) || line.Contains("` | no | ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(10, rows.Length);
        Assert.All(rows, row =>
        {
            var cells = row.Split('|', StringSplitOptions.TrimEntries);
            Assert.Equal(cells[3] == "yes", AclTable.Decide(acl, $"{cells[1]} {cells[2].Trim('`')}").IsAllowed);
        });
        Assert.Single(PolicyParser.Parse("app-policy", blocks[1]).Rules);
        Assert.Equal(24, PasswordPolicy.Parse(blocks[2]).Length);
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Candlefish.slnx")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("no solution above the test");
    }
}
