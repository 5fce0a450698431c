using System.Text.Json;
using System.Text.Json.Serialization;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Builtin.Auth.Userpass;

/// <summary>A user as stored (<c>user/NAME</c>). Format version 1.</summary>
internal sealed record UserRecord
{
    public int Format { get; init; } = 1;

    /// <summary>See <see cref="Userpass.PasswordHash"/>.</summary>
    public required string PasswordHash { get; init; }

    /// <summary>
    /// New with every password: tokens carry it, so that those of an older password, or of an older user of the same name,
    /// are told apart.
    /// </summary>
    public required string CredentialId { get; init; }

    public TokenTerms Terms { get; init; } = new();

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    public override string ToString() => "UserRecord";
}

/// <summary>How the mount hashes (<c>scheme</c>). Format version 1.</summary>
/// <remarks>
/// Decided once, when the mount is made, because all users of a mount and the names without user must cost the same.
/// </remarks>
internal sealed record HashingScheme
{
    public int Format { get; init; } = 1;

    /// <summary>The hash of a random password that nobody knows: verified for names that have no user.</summary>
    public required string Dummy { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(UserRecord))]
[JsonSerializable(typeof(HashingScheme))]
internal sealed partial class UserpassJson : JsonSerializerContext;
