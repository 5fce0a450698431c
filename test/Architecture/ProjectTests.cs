using System.Text.RegularExpressions;
using System.Xml.Linq;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Architecture;

/// <summary>Who may know whom: the table of ARCHITECTURE.md.</summary>
public sealed class ProjectTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Candlefish.Secrets"] = [],
        ["Candlefish.Secrets.Client"] = ["Candlefish.Secrets"],
        ["Candlefish.Secrets.Vault"] = ["Candlefish.Secrets"],
        ["Candlefish.Secrets.Sealed"] = ["Candlefish.Secrets"],
        ["Candlefish.Secrets.Scan"] = ["Candlefish.Secrets"],
        ["Candlefish.Secrets.Builtin"] = ["Candlefish.Secrets.Vault"],
        ["Candlefish.Secrets.Operations"] = ["Candlefish.Secrets.Vault"],
        ["Candlefish.Secrets.Server"] = ["Candlefish.Secrets.Vault", "Candlefish.Secrets.Builtin", "Candlefish.Secrets.Operations", "Candlefish.Secrets.Sealed", "Candlefish.Secrets.Scan"],
        ["Candlefish.Secrets.Cli"] = ["Candlefish.Secrets.Client", "Candlefish.Secrets.Sealed", "Candlefish.Secrets.Scan", "Candlefish.Secrets.Server"],
    };

    private static readonly Dictionary<string, string[]> AllowedPackages = new(StringComparer.Ordinal)
    {
        ["Candlefish.Secrets"] = [],
        ["Candlefish.Secrets.Client"] = [],
        ["Candlefish.Secrets.Vault"] = [],
    };

    public static TheoryData<string> Projects() => new(SourceTree.Projects.Select(p => Path.GetFileNameWithoutExtension(p)));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_references_areThoseOfTheTable(string project)
    {
        Assert.True(Allowed.ContainsKey(project), $"{project} is not in the table of who may know whom: add it there and to ARCHITECTURE.md");
        string[] references = [.. Load(project).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension((string?)r.Attribute("Include") ?? ""))];
        string[] forbidden = [.. references.Except(Allowed[project])];
        Assert.True(forbidden.Length == 0, $"{project} may not know {string.Join(", ", forbidden)}: see the table in ARCHITECTURE.md");
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_packages_areNoneWhereTheKernelAndTheLibraryLive(string project)
    {
        if (!AllowedPackages.TryGetValue(project, out string[]? allowed))
            return;
        XDocument file = Load(project);
        string[] packages = [.. file.Descendants("PackageReference").Select(r => (string?)r.Attribute("Include") ?? "").Except(allowed)];
        Assert.True(packages.Length == 0, $"{project} is built on the BCL alone, but references {string.Join(", ", packages)}");
        Assert.Empty(file.Descendants("FrameworkReference"));
    }

    [Fact]
    public void Storage_isNamedOnlyByTheBarrierTheNodeAndStoragesThemselves()
    {
        string[] allowed =
        [
            "src/Candlefish.Secrets.Vault/Storage/", "src/Candlefish.Secrets.Vault/Barrier/", "src/Candlefish.Secrets.Vault/VaultNode.cs",
            "src/Candlefish.Secrets.Vault/Initialization.cs", "src/Candlefish.Secrets.Builtin/Storage/", "src/Candlefish.Secrets.Server/",
        ];
        string[] wrong = [.. SourceTree.Sources.Where(f => !allowed.Any(a => f.StartsWith(a, StringComparison.Ordinal)) && Regex.IsMatch(SourceTree.Code(f), @"\bIStorage\b"))];
        Assert.True(wrong.Length == 0, "only the barrier and the node may reach storage, everything else goes through a transaction: " + string.Join(", ", wrong));
    }

    [Theory]
    [InlineData("Engines")]
    [InlineData("Auth")]
    [InlineData("Storage")]
    [InlineData("Audit")]
    public void Builtin_doesNotKnowItsSiblings(string family)
    {
        foreach (string folder in SourceTree.Folders("src/Candlefish.Secrets.Builtin/" + family))
        {
            foreach (string file in SourceTree.Sources.Where(f => f.StartsWith($"src/Candlefish.Secrets.Builtin/{family}/{folder}/", StringComparison.Ordinal)))
            {
                foreach (Match use in Regex.Matches(SourceTree.Code(file), @"Candlefish\.Secrets\.Builtin\.(Engines|Auth|Storage|Audit|Seals)\.(\w+)"))
                    Assert.True(use.Groups[1].Value == family && use.Groups[2].Value == folder, $"{file} uses {use.Value}: what plugs into the kernel does not know its siblings");
            }
        }
    }

    [Theory]
    [InlineData("Engines", "Contract", "engines")]
    [InlineData("Auth", "Contract", "auth")]
    [InlineData("Storage", "StorageContract", "")]
    [InlineData("Audit", "AuditDeviceContract", "")]
    public void Builtin_everyFolder_isRegisteredTestedAndDocumented(string family, string contract, string docs)
    {
        string registrations = File.ReadAllText(RepositoryRoot.Join("src/Candlefish.Secrets.Builtin/Builtins.cs"))
            + string.Concat(SourceTree.Sources.Where(f => f.StartsWith("src/Candlefish.Secrets.Server/", StringComparison.Ordinal)).Select(SourceTree.Code));
        string contracts = string.Concat(Directory.GetFiles(RepositoryRoot.Join("test/Contract"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        foreach (string folder in SourceTree.Folders("src/Candlefish.Secrets.Builtin/" + family))
        {
            Assert.True(registrations.Contains($"Candlefish.Secrets.Builtin.{family}.{folder}", StringComparison.Ordinal), $"{family}/{folder} is not registered: one line in Builtins.cs");
            Assert.True(Regex.IsMatch(contracts, $@"class {folder}\w*\b[^{{]*: \w*{contract}", RegexOptions.IgnoreCase), $"{family}/{folder} derives no {contract} in test/Contract");
            if (docs.Length > 0)
            {
                string page = $"docs/{docs}/{folder.ToLowerInvariant()}.md";
                Assert.True(File.Exists(RepositoryRoot.Join(page)), $"{family}/{folder} has no page {page}");
            }
        }
    }

    private static XDocument Load(string project) => XDocument.Load(RepositoryRoot.Join("src", project, project + ".csproj"));
}
