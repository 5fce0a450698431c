using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault;
using Candlefish.Secrets.Vault.Audit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Audit;

/// <summary>A vault with the default file device, and its trail.</summary>
internal sealed class AuditedVault : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;

    private AuditedVault(TemporaryDirectory directory, TestVault vault)
    {
        _directory = directory;
        Vault = vault;
    }

    public TestVault Vault { get; }

    public string Directory => _directory.Path;

    public string File => _directory["audit.log"];

    public static async Task<AuditedVault> StartAsync()
    {
        var directory = new TemporaryDirectory();
        TestVault vault = await TestVault.StartAsync(new VaultOptions { AuditDirectory = directory.Path });
        await vault.WriteAsync("sys/mounts/secret", """{"type":"kv","options":{"version":"2"}}""");
        return new AuditedVault(directory, vault);
    }

    public string Text() => System.IO.File.ReadAllText(File);

    public IReadOnlyList<JsonElement> Lines() => [.. System.IO.File.ReadLines(File).Select(l => JsonDocument.Parse(l).RootElement)];

    /// <summary>The response entries of a path, newest last.</summary>
    public IReadOnlyList<JsonElement> Responses(string path) => OfType("response", path);

    public IReadOnlyList<JsonElement> OfType(string type, string path) =>
        [.. Lines().Where(l => l.GetProperty("type").GetString() == type && l.GetProperty("request").GetProperty("path").GetString() == path)];

    public AuditVerifyResult Verify() => AuditVerifier.VerifyFile(File, new AuditVerifyOptions { FromGenesis = true });

    public async ValueTask DisposeAsync()
    {
        await Vault.DisposeAsync();
        _directory.Dispose();
    }
}
