namespace Candlefish.Secrets.Tests.Support;

/// <summary>The source tree that the running test was built from: the directory above it with Candlefish.slnx.</summary>
public static class RepositoryRoot
{
    public static string Path { get; } = Find();

    public static string Join(params string[] segments) => System.IO.Path.Join([Path, .. segments]);

    private static string Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(System.IO.Path.Join(at.FullName, "Candlefish.slnx")))
            {
                return at.FullName;
            }
        }

        throw new DirectoryNotFoundException(
            $"No directory above {AppContext.BaseDirectory} has Candlefish.slnx: run the tests from a build inside the repository.");
    }
}
