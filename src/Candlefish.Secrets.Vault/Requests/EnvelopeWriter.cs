using System.Buffers;
using System.Text.Json;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>Writes an answer as the Vault API spells it: the envelope, errors, or the bare body.</summary>
public static class EnvelopeWriter
{
    /// <summary>
    /// Writes the body of <paramref name="response"/>. Nothing is written for 204 and for raw bodies, which are sent as they are.
    /// </summary>
    public static void Write(VaultResponse response, IBufferWriter<byte> output)
    {
        switch (response.Shape)
        {
            case ResponseShape.Raw:
                return;
            case ResponseShape.Bare or ResponseShape.Verbatim when !response.IsError:
                output.Write(response.Data.Utf8.Span);
                return;
        }
        if (response.IsError && response.Shape != ResponseShape.ErrorWithData)
        {
            WriteErrors(response, output);
            return;
        }
        using var writer = new Utf8JsonWriter(output, JsonData.WriterOptions);
        WriteEnvelope(response, writer);
    }

    /// <summary>The status on the wire: a success with nothing to say is 204.</summary>
    public static int StatusOf(VaultResponse response) =>
        response.Status == 204 && (response.Warnings is { Count: > 0 } || response.WrapInfo is not null || response.Auth is not null || !response.Data.IsNone)
            ? 200
            : response.Status;

    private static void WriteErrors(VaultResponse response, IBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output, JsonData.WriterOptions);
        writer.WriteStartObject();
        writer.WriteStrings("errors", response.Errors ?? []);
        if (!response.Data.IsNone)
        {
            writer.WritePropertyName("data");
            writer.WriteRawValue(response.Data.Utf8.Span, skipInputValidation: true);
        }
        writer.WriteEndObject();
    }

    private static void WriteEnvelope(VaultResponse response, Utf8JsonWriter writer)
    {
        bool isWrapped = response.WrapInfo is not null;
        writer.WriteStartObject();
        writer.WriteString("request_id"u8, isWrapped ? "" : response.RequestId);
        writer.WriteString("lease_id"u8, response.LeaseId);
        writer.WriteBoolean("renewable"u8, response.Renewable);
        writer.WriteNumber("lease_duration"u8, (long)response.LeaseDuration.TotalSeconds);
        writer.WritePropertyName("data"u8);
        if (response.Data.IsNone || isWrapped)
            writer.WriteNullValue();
        else
            writer.WriteRawValue(response.Data.Utf8.Span, skipInputValidation: true);
        WriteWrapInfo(response.WrapInfo, writer);
        if (response.Warnings is { Count: > 0 } warnings)
            writer.WriteStrings("warnings", warnings);
        else
            writer.WriteNull("warnings"u8);
        WriteAuth(isWrapped ? null : response.Auth, writer);
        writer.WriteString("mount_type"u8, isWrapped ? "" : response.MountType);
        if (response.Shape == ResponseShape.EnvelopeAndTopLevel && !response.Data.IsNone && !isWrapped)
            WriteTopLevel(response.Data, writer);
        writer.WriteEndObject();
    }

    private static void WriteTopLevel(JsonData data, Utf8JsonWriter writer)
    {
        using JsonDocument document = data.Parse();
        foreach (JsonProperty member in document.RootElement.EnumerateObject())
        {
            if (!EnvelopeMembers.Contains(member.Name))
                member.WriteTo(writer);
        }
    }

    private static void WriteWrapInfo(WrapInfo? info, Utf8JsonWriter writer)
    {
        writer.WritePropertyName("wrap_info"u8);
        if (info is null)
        {
            writer.WriteNullValue();
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("token"u8, info.Token);
        writer.WriteString("accessor"u8, info.Accessor);
        writer.WriteNumber("ttl"u8, (long)info.Ttl.TotalSeconds);
        writer.WriteString("creation_time"u8, WireTime.Format(info.CreationTime));
        writer.WriteString("creation_path"u8, info.CreationPath);
        if (info.WrappedAccessor.Length > 0)
            writer.WriteString("wrapped_accessor"u8, info.WrappedAccessor);
        writer.WriteEndObject();
    }

    private static void WriteAuth(AuthBlock? auth, Utf8JsonWriter writer)
    {
        writer.WritePropertyName("auth"u8);
        if (auth is null)
        {
            writer.WriteNullValue();
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("client_token"u8, auth.ClientToken);
        writer.WriteString("accessor"u8, auth.Accessor);
        writer.WriteStrings("policies", auth.Policies);
        if (auth.TokenPolicies.Count > 0)
            writer.WriteStrings("token_policies", auth.TokenPolicies);
        if (auth.IdentityPolicies.Count > 0)
            writer.WriteStrings("identity_policies", auth.IdentityPolicies);
        writer.WriteMap("metadata", auth.Metadata);
        writer.WriteNumber("lease_duration"u8, (long)auth.LeaseDuration.TotalSeconds);
        writer.WriteBoolean("renewable"u8, auth.Renewable);
        writer.WriteString("entity_id"u8, auth.EntityId);
        writer.WriteString("token_type"u8, auth.TokenType == TokenType.Batch ? "batch"u8 : "service"u8);
        writer.WriteBoolean("orphan"u8, auth.Orphan);
        writer.WriteNull("mfa_requirement"u8);
        writer.WriteNumber("num_uses"u8, auth.NumUses);
        writer.WriteEndObject();
    }

    private static readonly HashSet<string> EnvelopeMembers = new(StringComparer.Ordinal)
    {
        "request_id", "lease_id", "renewable", "lease_duration", "data", "wrap_info", "warnings", "auth", "mount_type",
    };
}
