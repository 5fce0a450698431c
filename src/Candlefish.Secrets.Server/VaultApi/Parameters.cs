using System.Text;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Server.VaultApi;

/// <summary>
/// Name/value pairs of a query or of a form body (<c>application/x-www-form-urlencoded</c>): <c>+</c> is a space, <c>%XX</c>
/// are UTF-8 bytes.
/// </summary>
internal sealed class Parameters
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    public static readonly Parameters None = new();

    /// <exception cref="RequestRefused">400: an escape that is incomplete or no UTF-8.</exception>
    public static Parameters Parse(string text)
    {
        if (text.Length == 0)
            return None;
        var parameters = new Parameters();
        foreach (string pair in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string name = Decode(equals < 0 ? pair : pair[..equals]);
            string value = equals < 0 ? "" : Decode(pair[(equals + 1)..]);
            if (parameters._values.TryGetValue(name, out List<string>? values))
                values.Add(value);
            else
                parameters._values.Add(name, [value]);
        }
        return parameters;
    }

    /// <summary>Parses a form body.</summary>
    /// <exception cref="RequestRefused">400: as above.</exception>
    public static Parameters Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return Parse(StrictUtf8.GetString(utf8));
        }
        catch (DecoderFallbackException)
        {
            throw RequestRefused.BadRequest("the form body is not valid UTF-8");
        }
    }

    /// <summary>First value of a name; <see langword="null"/> when absent.</summary>
    public string? First(string name) => _values.TryGetValue(name, out List<string>? values) ? values[0] : null;

    /// <summary>Everything but the names that steer the request itself.</summary>
    public RequestData ToData(params ReadOnlySpan<string> except)
    {
        foreach (string name in except)
            _values.Remove(name);
        return _values.Count == 0
            ? RequestData.Empty
            : RequestData.FromPairs(_values.Select(v => new KeyValuePair<string, string[]>(v.Key, [.. v.Value])));
    }

    private static string Decode(string text)
    {
        if (text.AsSpan().IndexOfAny('%', '+') < 0)
            return text;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int length = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            byte b = bytes[i];
            if (b == (byte)'%')
            {
                if (i + 2 >= bytes.Length || !char.IsAsciiHexDigit((char)bytes[i + 1]) || !char.IsAsciiHexDigit((char)bytes[i + 2]))
                    throw RequestRefused.BadRequest("a parameter holds an incomplete percent escape: send % as %25");
                b = Convert.FromHexString(Encoding.ASCII.GetString(bytes, i + 1, 2))[0];
                i += 2;
            }
            else if (b == (byte)'+')
            {
                b = (byte)' ';
            }
            bytes[length++] = b;
        }
        try
        {
            return StrictUtf8.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw RequestRefused.BadRequest("a parameter is not valid UTF-8");
        }
    }
}
