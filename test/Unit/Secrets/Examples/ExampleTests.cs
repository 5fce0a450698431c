using System.Text.RegularExpressions;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Examples;

/// <summary>The examples of the pages are the compiled ones, and they do what the pages say.</summary>
[Requirement("LIB-53", "EXP-CROSS-7004-R1")]
public sealed partial class ExampleTests : IDisposable
{
    private readonly TemporarySecrets _files = new();

    public static TheoryData<string> Pages =>
        ["src/Candlefish.Secrets/README.md", "docs/library.md", "docs/library-migration.md"];

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Pages))]
    [Requirement("EXP-CROSS-7004-R2", "EXP-CROSS-7004-R3", "EXP-CROSS-7004-R4", "SM-ACCEPT-11003")]
    public void Every_csharp_block_of_a_page_is_a_compiled_example(string page)
    {
        string source = File.ReadAllText(RepositoryRoot.Join("test", "Unit", "Secrets", "Examples", "LibraryExamples.cs"));
        var compiled = Compiled().Matches(source).Select(match => Flat(match.Groups[1].Value)).ToHashSet();
        MatchCollection shown = Shown().Matches(File.ReadAllText(RepositoryRoot.Join(page)));
        Assert.All(shown, block => Assert.Contains(Flat(block.Groups[1].Value), compiled));
        Assert.NotEmpty(shown);
    }

    [Fact]
    public void Readme_shows_every_example()
    {
        string readme = Flat(File.ReadAllText(RepositoryRoot.Join("src", "Candlefish.Secrets", "README.md")));
        string source = File.ReadAllText(RepositoryRoot.Join("test", "Unit", "Secrets", "Examples", "LibraryExamples.cs"));
        Assert.All(Compiled().Matches(source), example => Assert.Contains(Flat(example.Groups[1].Value), readme, StringComparison.Ordinal));
    }

    [Fact]
    public void Small_examples_work()
    {
        string path = _files.Write("token", "the-token\n");
        Assert.True(LibraryExamples.Verify(path, "the-token"));
        Assert.Equal("loaded", LibraryExamples.Errors(path));
        TemporarySecrets.SetMode(path, (UnixFileMode)Convert.ToInt32("644", 8));
        Assert.Equal($"run: chmod 600 {path}", LibraryExamples.Errors(path));
        Assert.Equal(5, LibraryExamples.Split());
        LibraryExamples.Save(_files.PathOf("key"));
        using SecretKey key = SecretKey.LoadFromFile(_files.PathOf("key"));
        File.Copy(_files.PathOf("key"), Path.Join(_files.CredentialsDirectory, "seal_key"));
        using SecretKey credential = LibraryExamples.Credential(_files.CredentialsDirectory);
        Assert.True(credential.Use(key, static (bytes, other) => other.Verify(bytes)));
        _files.Write("app/token", "rooted");
        using Secret rooted = LibraryExamples.Rooted(_files.Directory, "app/token");
        Assert.True(rooted.Verify("rooted"));
        Assert.Equal(32, LibraryExamples.Expose(rooted).Length);
    }

    [Fact]
    [Requirement("EXP-WORKER-6001-R1", "SM-INTEG-6002-R1", "SM-INTEG-6002-R2", "SM-INTEG-6002-R3", "SM-INTEG-6002-R4")]
    public void Consumer_examples_work()
    {
        _files.WriteCredential("api_token", "a-token-of-16-bytes-or-more");
        using Secret token = LibraryExamples.LoadOrchestratorToken(_files.CredentialsDirectory);
        Assert.True(LibraryExamples.IsAllowed("/health", null, token));
        Assert.True(LibraryExamples.IsAllowed("/pool", "Bearer a-token-of-16-bytes-or-more", token));
        Assert.False(LibraryExamples.IsAllowed("/pool", "Bearer other", token));
        Assert.False(LibraryExamples.IsAllowed("/pool", null, token));

        byte[] derived = LibraryExamples.Seal(_files.PathOf("none"), token, "message"u8);
        LibraryExamples.Save(_files.PathOf("seal-key"));
        byte[] loaded = LibraryExamples.Seal(_files.PathOf("seal-key"), token, "message"u8);
        Assert.Equal(32, derived.Length);
        Assert.NotEqual(derived, loaded);

        using var request = new HttpRequestMessage();
        LibraryExamples.Authorize(request, token);
        Assert.Equal("Bearer a-token-of-16-bytes-or-more", request.Headers.Authorization?.ToString());
    }

    private static string Flat(string text) => Blanks().Replace(text, " ").Trim();

    [GeneratedRegex("// example: [a-z]+\n(.*?)// end", RegexOptions.Singleline)]
    private static partial Regex Compiled();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Shown();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
