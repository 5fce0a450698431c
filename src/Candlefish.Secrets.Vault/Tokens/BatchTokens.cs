using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>
/// Batch tokens carry their record in themselves: <c>hvb.</c> and base64url of the record as JSON, encrypted by the
/// barrier. Nothing is stored, so they cannot be renewed or revoked; they end with their time or their parent.
/// </summary>
internal sealed class BatchTokens(SecurityBarrier barrier)
{
    public const string Prefix = "hvb.";

    /// <summary>Associated data: what is encrypted for this cannot be passed off as anything that is stored.</summary>
    private const string Purpose = "token/batch";

    /// <summary>Longest text: what fits into a request header everywhere.</summary>
    private const int MaxLength = 7_168;

    /// <summary>Room for the id of a namespace after the text.</summary>
    private const int NamespaceSuffix = 64;

    public static bool IsOne(ReadOnlySpan<char> text) => text.StartsWith(Prefix, StringComparison.Ordinal);

    /// <exception cref="RequestRefused">400: the text would be too long to send.</exception>
    public string Seal(TokenEntry entry)
    {
        byte[] plain = JsonSerializer.SerializeToUtf8Bytes(entry, TokenJson.Default.TokenEntry);
        try
        {
            string text = Prefix + Base64Url.EncodeToString(barrier.EncryptFor(Purpose, plain));
            return text.Length <= MaxLength
                ? text
                : throw RequestRefused.BadRequest("a batch token carries its metadata and policies in itself, and these are too long: use fewer, or a service token");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>The record in a token text; <see langword="null"/> when this vault did not make it.</summary>
    public TokenEntry? Open(string text)
    {
        ReadOnlySpan<char> body = text.AsSpan(Prefix.Length);
        int dot = body.IndexOf('.');
        if (dot >= 0)
            body = body[..dot];
        if (text.Length > MaxLength + NamespaceSuffix || !Base64Url.IsValid(body))
            return null;
        byte[] plain;
        try
        {
            plain = barrier.DecryptFor(Purpose, Base64Url.DecodeFromChars(body));
        }
        catch (BarrierException)
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize(plain, TokenJson.Default.TokenEntry);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }
}
