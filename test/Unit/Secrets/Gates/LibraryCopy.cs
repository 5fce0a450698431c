using System.Diagnostics;
using Candlefish.Secrets.Tests.Support;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Gates;

/// <summary>A copy of the library with its build settings, for tests that build it in another way. Never the real tree.</summary>
internal static class LibraryCopy
{
    internal static string Make(TemporarySecrets files)
    {
        foreach (string name in new[] { "Directory.Build.props", "Directory.Packages.props", "BannedSymbols.txt", ".editorconfig", "global.json" })
        {
            File.Copy(RepositoryRoot.Join(name), files.PathOf(name));
        }

        string source = RepositoryRoot.Join("src", "Candlefish.Secrets");
        string copy = files.PathOf("src/Candlefish.Secrets");
        foreach (string path in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            string target = Path.Join(copy, Path.GetRelativePath(source, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target) ?? copy);
            File.Copy(path, target);
        }

        return copy;
    }

    /// <summary>Runs <c>dotnet</c> and answers what it writes.</summary>
    internal static string Run(string directory, string arguments) => Run(directory, "dotnet", arguments, out _);

    internal static string Run(string directory, string program, string arguments, out int exitCode)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        exitCode = process.ExitCode;
        return output;
    }
}
