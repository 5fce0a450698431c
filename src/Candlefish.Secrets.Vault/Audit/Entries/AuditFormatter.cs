using System.Runtime.CompilerServices;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Audit.Entries;

/// <summary>
/// Renders one request or response as an entry of one device, in the field names of the Vault audit format, in one pass into
/// a reused buffer. Values become HMACs unless their member is written in clear here: this class is the safe list.
/// </summary>
/// <remarks>The entry is left without its last brace: the writer adds the chain (see <see cref="ChainLine"/>). Not thread-safe.</remarks>
internal sealed class AuditFormatter(AuditHasher hasher)
{
    /// <summary>What entries say about a mount, rendered once.</summary>
    private static readonly ConditionalWeakTable<Mount, byte[]> Mounts = [];

    private readonly AuditBuffer _buffer = new();

    /// <summary>The open entry of a request (<paramref name="response"/> null) or response; valid until the next call.</summary>
    /// <param name="maxBytes">A longer entry is rendered again with its data hashed as a whole.</param>
    public ReadOnlySpan<byte> Format(RequestContext context, VaultResponse? response, AuditedHeaders headers, bool elidesLists, int maxBytes)
    {
        Format(context, response, headers, elidesLists, isShort: false);
        if (_buffer.Length > maxBytes)
            Format(context, response, headers, elidesLists, isShort: true);
        return _buffer.Written;
    }

    private void Format(RequestContext context, VaultResponse? response, AuditedHeaders headers, bool elidesLists, bool isShort)
    {
        _buffer.Clear();
        _buffer.Append("{\"time\":"u8);
        _buffer.AppendTime(context.Vault.Time.GetUtcNow());
        _buffer.Append(response is null ? ",\"type\":\"request\",\"auth\":{"u8 : ",\"type\":\"response\",\"auth\":{"u8);
        TokenPieces? token = context.Token is { } entry ? PiecesOf(entry, context.Request) : null;
        if (token is not null)
            AppendAuth(context, token);
        if (context.Decision is { } decision)
            AppendDecision(context, decision);
        _buffer.Append("},\"request\":{"u8);
        AppendRequest(context, token, headers, isShort || response is { Status: 429 });
        _buffer.Append((byte)'}');
        if (response is not null)
        {
            _buffer.Append(",\"response\":{"u8);
            AppendResponse(context, response, elidesLists && context.Operation is Operation.List or Operation.Scan, isShort);
            _buffer.Append((byte)'}');
        }
        if (response?.Errors is { Count: > 0 } errors)
        {
            _buffer.Append(",\"error\":"u8);
            _buffer.AppendString(ShownText.Of(string.Join("; ", errors), context.Request, hasher));
        }
    }

    private void AppendAuth(RequestContext context, TokenPieces token)
    {
        _buffer.Append(token.Auth);
        TokenEntry entry = context.Token ?? throw new InvalidOperationException("pieces belong to a token");
        _buffer.Append(",\"policies\":"u8);
        if (context.IdentityPolicies.Count == 0)
        {
            _buffer.AppendStrings(entry.Policies);
        }
        else
        {
            _buffer.AppendStrings([.. entry.Policies.Union(context.IdentityPolicies).Order(StringComparer.Ordinal)]);
            _buffer.AppendName("identity_policies");
            _buffer.AppendStrings(context.IdentityPolicies);
        }
        if (entry.UsesLeft != 0)
        {
            _buffer.AppendName("remaining_uses");
            _buffer.Append(Math.Max(entry.UsesLeft, 0));
        }
    }

    private void AppendDecision(RequestContext context, in Policies.AclDecision decision)
    {
        _buffer.AppendName("policy_results");
        _buffer.Append(decision.IsAllowed ? "{\"allowed\":true"u8 : "{\"allowed\":false"u8);
        if (decision.IsAllowed)
        {
            _buffer.Append(",\"granting_policies\":["u8);
            IReadOnlyList<string> granting = decision.GrantingPolicies;
            if (decision.IsRoot && granting.Count == 0)
                AppendPolicy("root", context);
            for (int i = 0; i < granting.Count; i++)
                AppendPolicy(granting[i], context);
            _buffer.Append((byte)']');
        }
        _buffer.Append((byte)'}');
    }

    private void AppendPolicy(string name, RequestContext context)
    {
        _buffer.AppendComma();
        _buffer.Append("{\"name\":"u8);
        _buffer.AppendString(name);
        _buffer.Append(",\"namespace_id\":"u8);
        _buffer.AppendString(context.Namespace.Id);
        _buffer.Append(",\"type\":\"acl\"}"u8);
    }

    private void AppendRequest(RequestContext context, TokenPieces? token, AuditedHeaders headers, bool isShort)
    {
        VaultRequest request = context.Request;
        _buffer.Append("\"id\":"u8);
        _buffer.AppendString(request.Id);
        if (context.Token is { EntityId.Length: > 0 } entry)
        {
            _buffer.AppendName("client_id");
            _buffer.AppendString(entry.EntityId);
        }
        _buffer.Append(",\"operation\":"u8);
        _buffer.Append(NameOf(request.Operation));
        AppendMount(context.Mount);
        if (token is not null)
        {
            _buffer.Append((byte)',');
            _buffer.Append(token.Request);
        }
        else if (request.Token is { Length: > 0 } unknown)
        {
            _buffer.AppendName("client_token");
            hasher.AppendQuoted(_buffer, unknown);
        }
        _buffer.Append(",\"namespace\":{\"id\":"u8);
        _buffer.AppendString(context.Namespace.Id);
        if (!context.Namespace.IsRoot)
        {
            _buffer.AppendName("path");
            _buffer.AppendString(context.Namespace.Path);
        }
        _buffer.Append("},\"path\":"u8);
        _buffer.AppendString(TokenText.Hide(context.Path, hasher));
        if (!request.Data.IsEmpty && !context.IsRateLimited)
        {
            _buffer.AppendName("data");
            AppendData(request.Data.Utf8.Span, context.Mount.Entry.Config.AuditNonHmacRequestKeys, isListing: false, isShort);
        }
        AppendPeer(request);
        if (request.WrapTtl is { } wrap)
        {
            _buffer.AppendName("wrap_ttl");
            _buffer.Append((long)wrap.TotalSeconds);
        }
        headers.Append(_buffer, request.Headers, hasher);
    }

    private void AppendPeer(VaultRequest request)
    {
        if (request.RemoteAddress is not { } address)
            return;
        _buffer.Append(",\"remote_address\":\""u8);
        address.TryFormat(_buffer.Space(64), out int written);
        _buffer.Advance(written);
        _buffer.Append("\",\"remote_port\":"u8);
        _buffer.Append(request.RemotePort);
    }

    private void AppendMount(Mount mount)
    {
        if (mount.Entry.Type.Length == 0)
            return;
        if (!Mounts.TryGetValue(mount, out byte[]? piece))
            Mounts.AddOrUpdate(mount, piece = RenderMount(mount));
        _buffer.Append(piece);
    }

    private static byte[] RenderMount(Mount mount)
    {
        var piece = new AuditBuffer();
        piece.Append(",\"mount_point\":"u8);
        piece.AppendString(mount.RoutePrefix);
        piece.AppendName("mount_type");
        piece.AppendString(mount.Entry.Type);
        piece.AppendName("mount_accessor");
        piece.AppendString(mount.Entry.Accessor);
        piece.AppendName("mount_class");
        piece.Append(mount.Entry.Class == MountClass.Auth ? "\"auth\""u8 : "\"secret\""u8);
        return piece.Written.ToArray();
    }

    private void AppendResponse(RequestContext context, VaultResponse response, bool isListing, bool isShort)
    {
        _buffer.Append("\"status\":"u8);
        _buffer.Append(EnvelopeWriter.StatusOf(response));
        AppendMount(context.Mount);
        if (response.Auth is { } auth)
            AppendNewToken(auth);
        if (response.LeaseId.Length > 0)
        {
            _buffer.Append(",\"secret\":{\"lease_id\":"u8);
            _buffer.AppendString(response.LeaseId);
            _buffer.Append((byte)'}');
        }
        if (response.WrapInfo is { } wrap)
        {
            AppendWrapInfo(wrap);
        }
        else if (response.Raw is { } raw)
        {
            _buffer.Append(",\"data\":"u8);
            RedactedJson.AppendWhole(_buffer, raw.Bytes.Span, hasher);
        }
        else if (!response.Data.IsNone)
        {
            _buffer.Append(",\"data\":"u8);
            AppendData(response.Data.Utf8.Span, context.Mount.Entry.Config.AuditNonHmacResponseKeys, isListing, isShort);
        }
        if (response.Warnings is { Count: > 0 } warnings)
        {
            _buffer.AppendName("warnings");
            _buffer.AppendStrings([.. warnings.Select(w => ShownText.Of(w, context.Request, hasher))]);
        }
    }

    private void AppendNewToken(AuthBlock auth)
    {
        _buffer.Append(",\"auth\":{\"client_token\":"u8);
        hasher.AppendQuoted(_buffer, auth.ClientToken);
        _buffer.Append(",\"accessor\":"u8);
        hasher.AppendQuoted(_buffer, auth.Accessor);
        _buffer.Append(",\"policies\":"u8);
        _buffer.AppendStrings(auth.Policies);
        _buffer.Append(",\"token_policies\":"u8);
        _buffer.AppendStrings(auth.TokenPolicies);
        if (auth.IdentityPolicies.Count > 0)
        {
            _buffer.AppendName("identity_policies");
            _buffer.AppendStrings(auth.IdentityPolicies);
        }
        AppendMetadata(_buffer, auth.Metadata);
        _buffer.AppendName("entity_id");
        _buffer.AppendString(auth.EntityId);
        AppendTokenType(_buffer, auth.TokenType);
        _buffer.AppendName("token_ttl");
        _buffer.Append((long)auth.LeaseDuration.TotalSeconds);
        _buffer.AppendName("num_uses");
        _buffer.Append(auth.NumUses);
        _buffer.Append((byte)'}');
    }

    private void AppendWrapInfo(WrapInfo wrap)
    {
        _buffer.Append(",\"wrap_info\":{\"token\":"u8);
        hasher.AppendQuoted(_buffer, wrap.Token);
        _buffer.Append(",\"accessor\":"u8);
        hasher.AppendQuoted(_buffer, wrap.Accessor);
        _buffer.Append(",\"ttl\":"u8);
        _buffer.Append((long)wrap.Ttl.TotalSeconds);
        _buffer.Append(",\"creation_time\":"u8);
        _buffer.AppendTime(wrap.CreationTime);
        _buffer.Append(",\"creation_path\":"u8);
        _buffer.AppendString(TokenText.Hide(wrap.CreationPath, hasher));
        if (wrap.WrappedAccessor.Length > 0)
        {
            _buffer.Append(",\"wrapped_accessor\":"u8);
            hasher.AppendQuoted(_buffer, wrap.WrappedAccessor);
        }
        _buffer.Append((byte)'}');
    }

    private void AppendData(ReadOnlySpan<byte> json, IReadOnlyList<string> clearKeys, bool isListing, bool isShort)
    {
        if (isShort)
            RedactedJson.AppendWhole(_buffer, json, hasher);
        else
            RedactedJson.Append(_buffer, json, hasher, clearKeys, isListing);
    }

    private TokenPieces PiecesOf(TokenEntry token, VaultRequest request)
    {
        if (token.UsesLeft == 0 && hasher.PiecesOf(token) is { } known)
            return known;
        var tokenHash = new AuditBuffer();
        hasher.AppendQuoted(tokenHash, request.Token ?? "");
        var accessorHash = new AuditBuffer();
        hasher.AppendQuoted(accessorHash, token.Accessor);
        var auth = new AuditBuffer();
        auth.Append("\"client_token\":"u8);
        auth.Append(tokenHash.Written);
        auth.Append(",\"accessor\":"u8);
        auth.Append(accessorHash.Written);
        auth.AppendName("display_name");
        auth.AppendString(token.DisplayName);
        auth.AppendName("token_policies");
        auth.AppendStrings(token.Policies);
        AppendMetadata(auth, token.Metadata);
        if (token.EntityId.Length > 0)
        {
            auth.AppendName("entity_id");
            auth.AppendString(token.EntityId);
        }
        AppendTokenType(auth, token.Type);
        auth.AppendName("token_ttl");
        auth.Append((long)token.Ttl.TotalSeconds);
        auth.AppendName("token_issue_time");
        auth.AppendTime(token.CreationTime);
        var inRequest = new AuditBuffer();
        inRequest.Append("\"client_token\":"u8);
        inRequest.Append(tokenHash.Written);
        inRequest.Append(",\"client_token_accessor\":"u8);
        inRequest.Append(accessorHash.Written);
        var pieces = new TokenPieces(auth.Written.ToArray(), inRequest.Written.ToArray());
        if (token.UsesLeft == 0)
            hasher.Remember(token, pieces);
        return pieces;
    }

    private void AppendMetadata(AuditBuffer buffer, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is not { Count: > 0 })
            return;
        buffer.AppendName("metadata");
        buffer.Append((byte)'{');
        foreach ((string name, string value) in metadata)
        {
            buffer.AppendName(name);
            hasher.AppendQuoted(buffer, value);
        }
        buffer.Append((byte)'}');
    }

    private static void AppendTokenType(AuditBuffer buffer, TokenType type)
    {
        buffer.AppendName("token_type");
        buffer.Append(type == TokenType.Batch ? "\"batch\""u8 : "\"service\""u8);
    }

    private static ReadOnlySpan<byte> NameOf(Operation operation) => operation switch
    {
        Operation.Create => "\"create\""u8,
        Operation.Read => "\"read\""u8,
        Operation.Update => "\"update\""u8,
        Operation.Patch => "\"patch\""u8,
        Operation.Delete => "\"delete\""u8,
        Operation.List => "\"list\""u8,
        Operation.Scan => "\"scan\""u8,
        _ => "\"help\""u8,
    };
}
