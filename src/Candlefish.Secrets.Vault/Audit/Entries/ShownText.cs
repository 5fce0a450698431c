using System.Text.Json;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Audit.Entries;

/// <summary>
/// The last guard before an error or a warning enters the trail in clear: whatever the client sent as a value is cut out of
/// it, whichever component put it there.
/// </summary>
internal static class ShownText
{
    /// <summary>Shorter values are words that texts hold anyway.</summary>
    private const int MinLength = 4;

    private const int MaxValues = 2_000;

    public static string Of(string text, VaultRequest request, AuditHasher hasher)
    {
        string shown = TokenText.Hide(text, hasher);
        if (request.Token is { Length: >= MinLength } token)
            shown = shown.Replace(token, "[redacted]", StringComparison.Ordinal);
        if (request.Data.IsEmpty)
            return shown;
        try
        {
            var reader = new Utf8JsonReader(request.Data.Utf8.Span, new JsonReaderOptions { MaxDepth = 128 });
            int values = 0;
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.String)
                    continue;
                if (++values > MaxValues)
                    return Withheld;
                if (reader.GetString() is { Length: >= MinLength } value)
                    shown = shown.Replace(value, "[redacted]", StringComparison.Ordinal);
            }
            return shown;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What cannot be read cannot be searched for. Parse errors name positions only.
            return shown.StartsWith("failed to parse JSON input", StringComparison.Ordinal) ? shown : Withheld;
        }
    }

    private const string Withheld = "[withheld: the request could not be compared with this text]";
}
