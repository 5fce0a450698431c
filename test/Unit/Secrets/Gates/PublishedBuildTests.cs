using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Gates;

/// <summary>
/// Publishes a small program with the library, trimmed into a single file and compiled ahead of time, and lets it scan
/// its own memory: one copy of a loaded secret, none after Dispose. Takes minutes: runs with CANDLEFISH_LONG=1.
/// </summary>
public sealed class PublishedBuildTests
{
    private const string Program = """
        using Candlefish.Secrets;
        using Candlefish.Secrets.Tests.Unit.Secrets.Hygiene;

        string path = Path.Join(AppContext.BaseDirectory, "scanned");
        MemoryScan scan = MemoryScan.Plant(48, value => SecretFile.Save(path, value));
        Secret secret = Secret.LoadFromFile(path);
        int alive = scan.Count();
        secret.Dispose();
        Console.WriteLine($"{alive} alive, {scan.Count()} left");
        """;

    [Theory]
    [InlineData("<PublishSingleFile>true</PublishSingleFile><PublishTrimmed>true</PublishTrimmed><SelfContained>true</SelfContained>")]
    [InlineData("<PublishAot>true</PublishAot>")]
    [Requirement("LIB-4")]
    public void Published_program_leaves_no_copy(string settings)
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("CANDLEFISH_LONG") == "1", "Takes minutes: set CANDLEFISH_LONG=1.");
        using var files = new TemporarySecrets();
        LibraryCopy.Make(files);
        string scan = RepositoryRoot.Join("test", "Unit", "Secrets", "Hygiene", "MemoryScan.cs");
        files.Write("scanner/Program.cs", Program);
        files.Write("scanner/Scanner.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <UseCurrentRuntimeIdentifier>true</UseCurrentRuntimeIdentifier>
                {settings}
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="../src/Candlefish.Secrets/Candlefish.Secrets.csproj" />
                <Compile Include="{scan}" />
              </ItemGroup>
            </Project>
            """);
        string output = LibraryCopy.Run(files.PathOf("scanner"), "publish -c Release -nologo -o out");
        string program = files.PathOf("scanner/out/Scanner");
        Assert.True(File.Exists(program), output);
        string said = LibraryCopy.Run(files.Directory, program, "", out int exitCode);
        Assert.Equal("1 alive, 0 left", said.Trim());
        Assert.Equal(0, exitCode);
    }
}
