using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>The answers about one version, assembled from stored bytes without parsing them (Vault API: KV v2).</summary>
internal static class KvAnswers
{
    /// <summary>More than everything in the version block besides its custom metadata.</summary>
    private const int BlockBytes = 256;

    /// <summary>The version block alone: the answer to a write.</summary>
    public static VaultResponse Written(in KvVersion version, ReadOnlySpan<byte> customMetadata)
    {
        var json = new JsonBytes(BlockBytes + customMetadata.Length);
        WriteBlock(ref json, version, customMetadata);
        return VaultResponse.Ok(json.ToData());
    }

    /// <summary>
    /// <c>{"data":…,"metadata":{…}}</c>; the member may also be <c>subkeys</c>.
    /// </summary>
    public static VaultResponse Version(ReadOnlySpan<byte> member, ReadOnlySpan<byte> data, in KvVersion version, ReadOnlySpan<byte> customMetadata) =>
        VaultResponse.Ok(Join(member, data, version, customMetadata));

    /// <summary>A deleted or destroyed version: 404 whose body still tells about it.</summary>
    public static VaultResponse Gone(ReadOnlySpan<byte> member, in KvVersion version, ReadOnlySpan<byte> customMetadata) => new()
    {
        Status = 404,
        Shape = ResponseShape.ErrorWithData,
        Data = Join(member, "null"u8, version, customMetadata),
    };

    /// <summary>PATCH of an absent key: 404 with an empty body that claims to be JSON.</summary>
    public static VaultResponse EmptyNotFound() => new()
    {
        Status = 404,
        Errors = [],
        Shape = ResponseShape.Raw,
        Raw = new RawBody("application/json", ReadOnlyMemory<byte>.Empty),
    };

    /// <summary>An operation on a key that names no key.</summary>
    public static VaultResponse UnsupportedPath() => VaultResponse.Error(404, ErrorText.Many("unsupported path"));

    private static JsonData Join(ReadOnlySpan<byte> member, ReadOnlySpan<byte> data, in KvVersion version, ReadOnlySpan<byte> customMetadata)
    {
        var json = new JsonBytes(BlockBytes + member.Length + data.Length + customMetadata.Length);
        json.Raw("{\""u8);
        json.Raw(member);
        json.Raw("\":"u8);
        json.Raw(data);
        json.Raw(",\"metadata\":"u8);
        WriteBlock(ref json, version, customMetadata);
        json.Raw("}"u8);
        return json.ToData();
    }

    private static void WriteBlock(ref JsonBytes json, in KvVersion version, ReadOnlySpan<byte> customMetadata)
    {
        json.Raw("{\"created_time\":"u8);
        json.Time(version.Created);
        json.Raw(",\"custom_metadata\":"u8);
        json.Raw(customMetadata.IsEmpty ? "null"u8 : customMetadata);
        json.Raw(",\"deletion_time\":"u8);
        json.Time(version.Deletion);
        json.Raw(",\"destroyed\":"u8);
        json.Flag(version.IsDestroyed);
        json.Raw(",\"version\":"u8);
        json.Number(version.Number);
        json.Raw("}"u8);
    }
}
