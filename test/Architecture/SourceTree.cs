using System.Text.RegularExpressions;
using Candlefish.Secrets.Tests.Support;

namespace Candlefish.Secrets.Tests.Architecture;

/// <summary>The files of the product, as paths relative to the repository with forward slashes.</summary>
internal static class SourceTree
{
    public static string[] Projects { get; } = Directory.GetFiles(RepositoryRoot.Join("src"), "*.csproj", SearchOption.AllDirectories);

    public static string[] Sources { get; } = Files("src");

    public static string[] Tests { get; } = Files("test");

    /// <summary>The text without comments and string contents: what the compiler acts on.</summary>
    public static string Code(string file)
    {
        string text = File.ReadAllText(RepositoryRoot.Join(file));
        text = Regex.Replace(text, @"//[^\n]*|/\*.*?\*/", "", RegexOptions.Singleline);
        return Regex.Replace(text, "\"(?:[^\"\\\\\n]|\\\\.)*\"", "\"\"");
    }

    public static IEnumerable<string> Folders(string parent)
    {
        string path = RepositoryRoot.Join(parent);
        return Directory.Exists(path) ? Directory.GetDirectories(path).Select(d => Path.GetFileName(d)) : [];
    }

    private static string[] Files(string root) =>
    [
        .. Directory.GetFiles(RepositoryRoot.Join(root), "*.cs", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(RepositoryRoot.Path, f).Replace('\\', '/'))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("node_modules", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];
}
