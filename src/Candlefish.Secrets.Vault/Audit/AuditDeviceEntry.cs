using System.Text.Json;
using System.Text.Json.Serialization;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>An enabled device as stored in the table of devices (<c>core/audit/devices</c>). Format version 1.</summary>
internal sealed record AuditDeviceEntry
{
    /// <summary>Ends in a slash, for example <c>file/</c>.</summary>
    public required string Path { get; init; }

    public required string Type { get; init; }

    /// <summary>Names the salt and the heads; never reused.</summary>
    public required string Uuid { get; init; }

    public string Description { get; init; } = "";

    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    public bool Local { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>The stored table of devices.</summary>
internal sealed record AuditTableRecord(int Format, IReadOnlyList<AuditDeviceEntry> Devices);

/// <summary>
/// How far the chain of a device had come when the vault last noted it: what shows that the end of a file is missing.
/// </summary>
/// <param name="IsClean">Noted after the last line of a seal: nothing was written since.</param>
internal sealed record StoredHead(int Format, string Chain, long Sequence, string Hash, bool IsClean);
