using Candlefish.Secrets.Tests.Support;

namespace Candlefish.Secrets.Tests.Conformance.Routes;

/// <summary>The checked-in lists beside these tests: one entry a line, <c>#</c> begins a comment.</summary>
internal static class CheckedList
{
    public static string[] Read(string name) =>
        [.. File.ReadLines(RepositoryRoot.Join("test", "Conformance", "Routes", name)).Select(l => l.Split('#')[0].Trim()).Where(l => l.Length > 0)];

    /// <summary>Lines that only one of the two has, <c>+</c> = not yet in the list.</summary>
    public static string Difference(IEnumerable<string> actual, IEnumerable<string> listed) =>
        string.Join('\n', actual.Except(listed).Select(a => "+ " + a).Concat(listed.Except(actual).Select(l => "- " + l)));
}
