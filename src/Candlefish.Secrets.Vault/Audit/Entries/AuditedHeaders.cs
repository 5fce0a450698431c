using System.Text.Json;
using System.Text.Json.Serialization;

namespace Candlefish.Secrets.Vault.Audit.Entries;

/// <summary>
/// The request headers that entries show (<c>sys/config/auditing/request-headers</c>): lower-case name → whether its value
/// is hashed. Immutable.
/// </summary>
internal sealed class AuditedHeaders(IReadOnlyDictionary<string, bool> isHashed)
{
    public static readonly AuditedHeaders None = new(new Dictionary<string, bool>());

    /// <summary>Hashed whatever the configuration says: they carry credentials.</summary>
    private static readonly HashSet<string> AlwaysHashed = new(StringComparer.Ordinal)
    {
        "authorization", "proxy-authorization", "cookie", "set-cookie", "x-vault-token", "x-candlefish-token", "x-amz-security-token",
    };

    public IReadOnlyDictionary<string, bool> All { get; } = isHashed;

    /// <summary>True when the header may be shown in clear.</summary>
    public static bool MayBeClear(string name) => !AlwaysHashed.Contains(name);

    public AuditedHeaders With(string name, bool hashed) =>
        new(new Dictionary<string, bool>(All, StringComparer.Ordinal) { [name] = hashed || !MayBeClear(name) });

    public AuditedHeaders Without(string name)
    {
        var rest = new Dictionary<string, bool>(All, StringComparer.Ordinal);
        rest.Remove(name);
        return new AuditedHeaders(rest);
    }

    /// <summary>Appends the member <c>headers</c>, when any of them was sent.</summary>
    public void Append(AuditBuffer buffer, IReadOnlyDictionary<string, string> sent, AuditHasher hasher)
    {
        if (All.Count == 0)
            return;
        bool isFirst = true;
        foreach ((string name, bool hashed) in All)
        {
            if (!sent.TryGetValue(name, out string? value))
                continue;
            buffer.Append(isFirst ? ",\"headers\":{"u8 : ","u8);
            isFirst = false;
            buffer.AppendString(name);
            buffer.Append(":["u8);
            if (hashed)
                hasher.AppendQuoted(buffer, value);
            else
                buffer.AppendString(TokenText.Hide(value, hasher));
            buffer.Append((byte)']');
        }
        if (!isFirst)
            buffer.Append((byte)'}');
    }

    public byte[] Serialize() => JsonSerializer.SerializeToUtf8Bytes(
        new AuditedHeadersRecord(1, new SortedDictionary<string, bool>(All.ToDictionary(), StringComparer.Ordinal)), AuditJson.Default.AuditedHeadersRecord);

    public static AuditedHeaders Parse(ReadOnlySpan<byte> stored) =>
        new(JsonSerializer.Deserialize(stored, AuditJson.Default.AuditedHeadersRecord)?.Headers ?? new SortedDictionary<string, bool>());
}

/// <summary>As stored at <c>core/audit/headers</c>.</summary>
internal sealed record AuditedHeadersRecord(int Format, SortedDictionary<string, bool> Headers);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AuditedHeadersRecord))]
[JsonSerializable(typeof(AuditTableRecord))]
[JsonSerializable(typeof(StoredHead))]
internal sealed partial class AuditJson : JsonSerializerContext;
