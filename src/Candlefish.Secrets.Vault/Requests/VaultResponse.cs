using System.Security.Cryptography;
using System.Runtime.InteropServices;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// What an engine answers, and what the pipeline makes of it. Expected failures are responses, not exceptions.
/// </summary>
public sealed class VaultResponse
{
    /// <summary>HTTP status. 204 becomes 200 when there are warnings or anything else to say.</summary>
    public int Status { get; set; } = 200;

    /// <summary>The <c>data</c> member of the envelope: a JSON object. The response owns the bytes.</summary>
    public JsonData Data { get; set; }

    /// <summary>Texts of the <c>errors</c> member; not <see langword="null"/> = this is an error answer.</summary>
    public IReadOnlyList<string>? Errors { get; init; }

    public List<string>? Warnings { get; private set; }

    /// <summary>How the answer is dressed.</summary>
    public ResponseShape Shape { get; init; } = ResponseShape.Envelope;

    /// <summary>Content type and bytes of an answer that is not JSON (<see cref="ResponseShape.Raw"/>).</summary>
    public RawBody? Raw { get; init; }

    /// <summary>Set by an auth method: the pipeline creates the token and fills <see cref="Auth"/>.</summary>
    public LoginResult? Login { get; init; }

    /// <summary>The <c>auth</c> member: a token that this response hands out.</summary>
    public AuthBlock? Auth { get; set; }

    /// <summary>Set by an engine: <see cref="Data"/> is a leased secret. The pipeline registers the lease.</summary>
    public LeasedSecret? Secret { get; init; }

    /// <summary>Members of the envelope.</summary>
    public string LeaseId { get; set; } = "";
    public bool Renewable { get; set; }
    public TimeSpan LeaseDuration { get; set; }

    /// <summary>Set by the pipeline: the answer was put into a wrapping token, and only this is shown.</summary>
    public WrapInfo? WrapInfo { get; set; }

    /// <summary>Header name to value, for the few answers that set one.</summary>
    public Dictionary<string, string>? Headers { get; set; }

    /// <summary>Request id to show; empty until the pipeline set it.</summary>
    public string RequestId { get; set; } = "";

    /// <summary>Type of the mount that answered (<c>mount_type</c>); empty when none did.</summary>
    public string MountType { get; set; } = "";

    public bool IsError => Errors is not null;

    public static VaultResponse Ok(JsonData data) => new() { Data = data };

    /// <summary>Success with nothing to return.</summary>
    public static VaultResponse NoContent() => new() { Status = 204 };

    /// <summary>404 with an empty error list: the read of nothing.</summary>
    public static VaultResponse NotFound() => new() { Status = 404, Errors = [] };

    public static VaultResponse Error(int status, params string[] errors) => new() { Status = status, Errors = errors };

    public static VaultResponse BadRequest(string error) => Error(400, error);

    /// <summary>An answer without envelope (sys/health, sys/seal-status …).</summary>
    public static VaultResponse Bare(JsonData data, int status = 200) =>
        new() { Status = status, Data = data, Shape = ResponseShape.Bare };

    /// <summary>Keys of a LIST; none = 404, as clients expect.</summary>
    public static VaultResponse List(IReadOnlyCollection<string> keys) =>
        keys.Count == 0 ? NotFound() : Ok(JsonData.Keys(keys));

    public VaultResponse Warn(string warning)
    {
        (Warnings ??= []).Add(warning);
        return this;
    }

    /// <summary>Zeroes the data. Called once, after the answer was written.</summary>
    public void Wipe()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(Data.Utf8).Span);
        if (Raw is { IsSecret: true } raw)
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(raw.Bytes).Span);
    }
}

/// <summary>How an answer is dressed on the wire.</summary>
public enum ResponseShape
{
    /// <summary>The usual envelope with <c>data</c>, <c>auth</c>, <c>lease_id</c> …</summary>
    Envelope,

    /// <summary>The envelope, and the members of <c>data</c> once more at the top level (older clients read them there).</summary>
    EnvelopeAndTopLevel,

    /// <summary><see cref="VaultResponse.Data"/> is the whole body.</summary>
    Bare,

    /// <summary><see cref="VaultResponse.Raw"/> is the whole body.</summary>
    Raw,

    /// <summary>Data is sent in the envelope although the status is an error (KV v2: a deleted version is a 404 with data).</summary>
    ErrorWithData,

    /// <summary>
    /// <see cref="VaultResponse.Data"/> is a stored answer, envelope included: unwrap gives back the original, byte for byte.
    /// </summary>
    Verbatim,
}

/// <param name="ContentType">For example <c>text/plain; charset=utf-8</c>.</param>
public sealed record RawBody(string ContentType, ReadOnlyMemory<byte> Bytes, bool IsSecret = false);

/// <summary>The <c>wrap_info</c> member.</summary>
public sealed record WrapInfo(string Token, string Accessor, TimeSpan Ttl, DateTimeOffset CreationTime, string CreationPath, string WrappedAccessor)
{
    public override string ToString() => "WrapInfo";
}

/// <summary>A secret with a lease, as an engine returns it.</summary>
/// <param name="Ttl">Asked-for life; zero = the mount's default. The pipeline caps it.</param>
/// <param name="MaxTtl">Hard end counted from the issue; zero = the mount's maximum.</param>
/// <param name="InternalData">What the engine needs to renew or revoke; stored with the lease, never shown.</param>
public sealed record LeasedSecret(TimeSpan Ttl, TimeSpan MaxTtl, bool Renewable, JsonData InternalData);
