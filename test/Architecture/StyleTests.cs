using System.Text.RegularExpressions;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Architecture;

/// <summary>Habits that a machine can hold.</summary>
public sealed class StyleTests
{
    [Fact]
    public void Files_areShortEnoughToReadAtOnce()
    {
        AssertNone(SourceTree.Sources.Where(f => Lines(f) > 500), "a source file has one idea and at most 500 lines");
        AssertNone(SourceTree.Tests.Where(f => Lines(f) > 800), "a test file has at most 800 lines");
    }

    [Fact]
    public void Folders_areSmallEnoughToSurvey() =>
        AssertNone(
            SourceTree.Sources.GroupBy(f => f[..f.LastIndexOf('/')]).Where(g => g.Count() > 25).Select(g => $"{g.Key} ({g.Count()})"),
            "a folder holds at most 25 files: group them by what they are about");

    [Fact]
    public void Names_areOfTheFieldAndNotDrawers() =>
        AssertNone(
            SourceTree.Sources.Where(f => Regex.IsMatch(Path.GetFileNameWithoutExtension(f), "(Manager|Helpers?|Utils?|Utilities|Common|Misc|Processor|Impl)$")),
            "a type is named after what it is, not Manager, Helper, Util, Common, Misc, Processor or Impl");

    [Theory]
    [InlineData(@"\bNotImplementedException\b", "nothing is left unimplemented")]
    [InlineData(@"catch\s*(\([^)]*\))?\s*\{\s*\}", "a failure is not swallowed")]
    [InlineData(@"\bDateTime(Offset)?\.(Utc)?Now\b", "time is an input: TimeProvider")]
    [InlineData(@"\bSecureString\b", "it keeps clear copies")]
    [InlineData(@"\.GetAwaiter\(\)\.GetResult\(\)", "blocking starves the thread pool")]
    [InlineData(@"Thread\.Sleep", "blocking starves the thread pool")]
    public void Source_hasNone(string pattern, string reason) =>
        AssertNone(SourceTree.Sources.Where(f => Regex.IsMatch(SourceTree.Code(f), pattern, RegexOptions.Singleline) && !IsExcused(f, pattern)), reason);

    [Fact]
    public void Source_hasNoUnfinishedWork() =>
        AssertNone(
            SourceTree.Sources.Where(f => Regex.IsMatch(File.ReadAllText(RepositoryRoot.Join(f)), @"\b(TODO|FIXME|HACK|XXX)\b")),
            "what is missing is an issue, not a note in the code");

    [Fact]
    public void Tests_areNotSwitchedOff() =>
        AssertNone(
            SourceTree.Tests.Where(f => !f.EndsWith("StyleTests.cs", StringComparison.Ordinal) && Regex.IsMatch(File.ReadAllText(RepositoryRoot.Join(f)), "Skip *= *\"|Assert\\.True\\(true\\)")),
            "a test that cannot fail is a defect");

    [Fact]
    public void Kernel_paths_areNotFoldedOrTrimmedAfterTheDoor() =>
        AssertNone(
            SourceTree.Sources.Where(f => Regex.IsMatch(f, "Vault/(Mounts/Router|Requests/(RequestPipeline|RouteTable)|Barrier/)") && Regex.IsMatch(SourceTree.Code(f), @"ToLower|ToUpper|Normalize\(|UnescapeDataString|UrlDecode")),
            "router, pipeline and storage receive the canonical path and never change it");

    [Fact]
    public void Authorization_isAskedInOnePlace()
    {
        string[] callers = [.. SourceTree.Sources.Where(f => !f.Contains("/Policies/", StringComparison.Ordinal) && Regex.IsMatch(SourceTree.Code(f), @"\.Decide\(") )];
        AssertNone(callers.Where(f => !Allowed.Contains(f)), "the gate is RequestPipeline; listings that filter by right are the only other askers");
    }

    // Those who ask about something beside the request: an item of an answer, or a second thing that a change touches.
    private static readonly HashSet<string> Allowed = new(StringComparer.Ordinal)
    {
        "src/Candlefish.Secrets.Vault/Requests/RequestPipeline.cs",
        "src/Candlefish.Secrets.Vault/Requests/RequestContext.cs",
        "src/Candlefish.Secrets.Vault/Identity/IdentityBackend.cs",
    };

    // The storage writer is a thread of its own that may block; the CLI measures no time that a test would move.
    private static bool IsExcused(string file, string pattern) =>
        (pattern.Contains("Sleep", StringComparison.Ordinal) || pattern.Contains("GetResult", StringComparison.Ordinal)) && file.Contains("/Storage/Sqlite/", StringComparison.Ordinal);

    private static int Lines(string file) => File.ReadLines(RepositoryRoot.Join(file)).Count();

    private static void AssertNone(IEnumerable<string> found, string reason)
    {
        string[] all = [.. found];
        Assert.True(all.Length == 0, reason + ":\n  " + string.Join("\n  ", all));
    }
}
