namespace Candlefish.Secrets.Tests.Support;

/// <summary>
/// Finds test vectors that live outside the repository: in the directory that the environment variable
/// CANDLEFISH_DATA names, else in <c>shared/data</c> beside any directory above the running test.
/// </summary>
/// <example><code>
/// Assert.SkipUnless(SharedData.TryFind("shamir/vectors.json", out string path), SharedData.SkipReason);
/// </code></example>
public static class SharedData
{
    public const string Variable = "CANDLEFISH_DATA";

    public const string SkipReason =
        "The shared test vectors are not on this machine: set CANDLEFISH_DATA to the directory that holds them.";

    private static readonly string? Root = FindRoot();

    /// <summary>The full path of a file or directory of the vectors; false when the vectors are not there at all.</summary>
    /// <exception cref="FileNotFoundException">The vectors are there, but not this one: a wrong name, not a reason to skip.</exception>
    public static bool TryFind(string relativePath, out string path)
    {
        path = "";
        if (Root is null)
        {
            return false;
        }

        path = Path.Join(Root, relativePath);
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            throw new FileNotFoundException($"The shared test vectors under {Root} have no {relativePath}.", path);
        }

        return true;
    }

    private static string? FindRoot()
    {
        string? named = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(named))
        {
            return named;
        }

        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string candidate = Path.Join(at.FullName, "shared", "data");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
