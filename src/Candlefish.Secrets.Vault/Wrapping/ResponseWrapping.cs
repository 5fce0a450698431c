using System.Buffers;
using System.Text.Json;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Wrapping;

/// <summary>Puts a response into a single-use token (Vault API: response wrapping), and takes it out again, once.</summary>
/// <remarks>
/// The token has the policy <c>response-wrapping</c>, one use, and its own end. Its path is the path that was wrapped; the
/// whole body, as it would have been sent, is text in its cubbyhole: <c>cubbyhole/response</c> → <c>{"response": "…"}</c>.
/// </remarks>
internal sealed class ResponseWrapping(UnsealedVault vault)
{
    private const string CubbyholeKey = "response";
    private const string AccessorData = "wrapped_accessor";

    /// <summary>Used, expired, unknown and "no wrapping token" look alike.</summary>
    public static VaultResponse InvalidToken() => VaultResponse.BadRequest("wrapping token is not valid or does not exist");

    /// <summary>Stores the response in the cubbyhole of a new wrapping token; answers with <c>wrap_info</c> only.</summary>
    public ValueTask<VaultResponse> WrapAsync(RequestContext context, VaultResponse response, TimeSpan ttl)
    {
        bool isEmpty = response.Data.IsNone && response.Auth is null && response.LeaseId.Length == 0 && response.Warnings is null;
        if (ttl <= TimeSpan.Zero || isEmpty || response.WrapInfo is not null)
            return ValueTask.FromResult(response);
        response.RequestId = context.Request.Id;
        response.MountType = context.Mount.Entry.Type;
        var body = new ArrayBufferWriter<byte>(response.Data.Utf8.Length + 4096);
        EnvelopeWriter.Write(response, body);
        VaultResponse wrapped = Put(context, body.WrittenSpan, ttl, context.Path, AccessorIn(context, response));
        body.Clear();
        response.Wipe();
        return ValueTask.FromResult(wrapped);
    }

    /// <summary>Vault API: POST sys/wrapping/unwrap. The original body, once.</summary>
    public async ValueTask<VaultResponse> UnwrapAsync(RequestContext context)
    {
        if (await TakeAsync(context) is not { } token || await BodyAsync(context, token) is not { } body)
            return InvalidToken();
        return new VaultResponse { Shape = ResponseShape.Verbatim, Data = new JsonData(body) };
    }

    /// <summary>Vault API: POST sys/wrapping/rewrap. The same content, life and path in a new token; the old one ends.</summary>
    public async ValueTask<VaultResponse> RewrapAsync(RequestContext context)
    {
        if (await TakeAsync(context) is not { } token || await BodyAsync(context, token) is not { } body)
            return InvalidToken();
        VaultResponse response = Put(context, body, token.Ttl, token.Path, token.InternalData?.GetValueOrDefault(AccessorData) ?? "");
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(body);
        return response;
    }

    /// <summary>Vault API: sys/wrapping/lookup. Takes no use.</summary>
    public async ValueTask<VaultResponse> LookupAsync(RequestContext context)
    {
        string? text = context.Fields.Text("token") is { Length: > 0 } sent ? sent : context.Request.Token;
        if (text is null || await vault.Tokens.FindAsync(text, context.Cancellation) is not { IsWrapping: true } token || token.NamespaceId != context.Namespace.Id)
            return InvalidToken();
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteString("creation_path", token.Path);
            w.WriteTime("creation_time", token.CreationTime);
            w.WriteSeconds("creation_ttl", token.Ttl);
        }));
    }

    /// <summary>
    /// The answer to a caller whose token is unknown, on paths where it should have been a wrapping token;
    /// <see langword="null"/> on all others.
    /// </summary>
    public static VaultResponse? RefusalOfUnknown(RequestContext context) =>
        context.Path is "sys/wrapping/unwrap" or "sys/wrapping/rewrap" && context.Fields.Text("token") is null or "" ? InvalidToken() : null;

    /// <summary>
    /// Takes the one use of the wrapping token: that of the caller was taken by the pipeline; one in the body is revoked
    /// in the transaction of the request, so that of two requests one commits.
    /// </summary>
    private async ValueTask<TokenEntry?> TakeAsync(RequestContext context)
    {
        string? inBody = context.Fields.Text("token");
        if (inBody is null or "" || inBody == context.Request.Token)
            return context.Token is { IsWrapping: true, UsesLeft: < 0 } own ? own : null;
        if (await vault.Tokens.FindAsync(inBody, context.Cancellation) is not { IsWrapping: true } found || found.NamespaceId != context.Namespace.Id)
            return null;
        if (await TokenStore.ReadAsync(context.Transaction, found.IdHash, context.Cancellation) is not { UsesLeft: > 0 } token)
            return null;
        vault.Tokens.Revoker.RevokeInside(context.Transaction, token);
        return token;
    }

    private static async ValueTask<byte[]?> BodyAsync(RequestContext context, TokenEntry token)
    {
        BarrierView cubbyhole = CubbyholeBackend.Of(context.Transaction, token);
        return await cubbyhole.GetAsync(CubbyholeKey, context.Cancellation) is { } stored ? BodyOf(stored) : null;
    }

    private static byte[]? BodyOf(ReadOnlySpan<byte> stored)
    {
        var reader = new Utf8JsonReader(stored);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.String)
                continue;
            byte[] body = new byte[reader.ValueSpan.Length];
            int length = reader.CopyString(body);
            return body[..length];
        }
        return null;
    }

    private VaultResponse Put(RequestContext context, ReadOnlySpan<byte> body, TimeSpan ttl, string path, string wrappedAccessor)
    {
        DateTimeOffset now = vault.Clock.Now;
        TimeSpan life = ttl < vault.Options.Limits.MaxLeaseTtl ? ttl : vault.Options.Limits.MaxLeaseTtl;
        var template = new TokenEntry
        {
            IdHash = "",
            Accessor = "",
            NamespaceId = context.Namespace.Id,
            Policies = [PolicyNames.ResponseWrapping],
            Path = path,
            UsesLeft = 1,
            CreationTime = now,
            Ttl = life,
            ExpireTime = now + life,
            ExplicitMaxTtl = life,
            InternalData = wrappedAccessor.Length == 0 ? null : new Dictionary<string, string> { [AccessorData] = wrappedAccessor },
        };
        string text = vault.Tokens.Create(context.Transaction, template, out TokenEntry token);
        CubbyholeBackend.Of(context.Transaction, token).Put(CubbyholeKey, Stored(body));
        return new VaultResponse { WrapInfo = new WrapInfo(text, token.Accessor, life, now, path, wrappedAccessor) };
    }

    private static byte[] Stored(ReadOnlySpan<byte> body)
    {
        var buffer = new ArrayBufferWriter<byte>((body.Length * 2) + 64);
        using (var writer = new Utf8JsonWriter(buffer, JsonData.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("response"u8, body);
            writer.WriteEndObject();
        }
        byte[] stored = buffer.WrittenSpan.ToArray();
        buffer.Clear();
        return stored;
    }

    /// <summary>The accessor of what is wrapped, for whoever may have to revoke it unseen.</summary>
    private static string AccessorIn(RequestContext context, VaultResponse response)
    {
        if (response.Auth is { } auth)
            return auth.Accessor;
        if (context.Mount.Entry.Type != "approle" || response.Data.IsNone)
            return "";
        using JsonDocument data = response.Data.Parse();
        return data.RootElement.TryGetProperty("secret_id_accessor", out JsonElement accessor) ? accessor.GetString() ?? "" : "";
    }
}
