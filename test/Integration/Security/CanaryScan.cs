using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Candlefish.Secrets.Tests.Integration.Security;

/// <summary>Makes unmistakable values, remembers where each went, and finds them again in any usual spelling.</summary>
internal sealed class CanaryScan
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private readonly Dictionary<string, string> _origins = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _spellings = new(StringComparer.Ordinal);
    private SearchValues<string>? _needles;

    public int Count => _origins.Count;

    /// <summary>A new value of 24 letters and digits (142 bits).</summary>
    public string Next(string origin)
    {
        string canary = RandomNumberGenerator.GetString(Letters, 24);
        Watch(canary, origin);
        return canary;
    }

    /// <summary>A value that somebody else made, such as a token.</summary>
    public void Watch(string canary, string origin)
    {
        _origins[canary] = origin;
        foreach ((string spelling, string text) in SpellingsOf(canary))
            _spellings[text] = $"{spelling} of {origin}";
        _needles = null;
    }

    /// <summary>What was found, as <c>base64+1 of token of a login</c>.</summary>
    public IEnumerable<string> Find(ReadOnlySpan<byte> bytes)
    {
        // One character per byte: all spellings are ASCII, UTF-16 among them with NULs.
        string text = Encoding.Latin1.GetString(bytes);
        _needles ??= SearchValues.Create([.. _spellings.Keys], StringComparison.Ordinal);
        var found = new HashSet<string>(StringComparer.Ordinal);
        for (int at = 0; at < text.Length;)
        {
            int next = text.AsSpan(at).IndexOfAny(_needles);
            if (next < 0)
                break;
            at += next;
            foreach (string spelling in _spellings.Keys.Where(s => text.AsSpan(at).StartsWith(s, StringComparison.Ordinal)))
                found.Add(_spellings[spelling]);
            at++;
        }
        return found;
    }

    /// <summary>The usual spellings of a text, each as one character per byte.</summary>
    public static IEnumerable<(string Name, string Text)> SpellingsOf(string canary)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(canary);
        yield return ("raw", canary);
        for (int shift = 0; shift < 3; shift++)
        {
            // Only the characters that the value alone decides.
            string encoded = Convert.ToBase64String([.. new byte[shift], .. bytes]).TrimEnd('=');
            int first = shift == 0 ? 0 : shift + 1;
            string sure = encoded[first..(encoded.Length - ((bytes.Length + shift) % 3 == 0 ? 0 : 1))];
            yield return ($"base64+{shift}", sure);
            yield return ($"base64url+{shift}", sure.Replace('+', '-').Replace('/', '_'));
        }
        yield return ("hex", Convert.ToHexStringLower(bytes));
        yield return ("HEX", Convert.ToHexString(bytes));
        yield return ("url", string.Concat(bytes.Select(b => $"%{b:x2}")));
        yield return ("URL", string.Concat(bytes.Select(b => $"%{b:X2}")));
        yield return ("json", string.Concat(bytes.Select(b => $"\\u{b:x4}")));
        yield return ("JSON", string.Concat(bytes.Select(b => $"\\u{b:X4}")));
        yield return ("UTF-16LE", Encoding.Latin1.GetString(Encoding.Unicode.GetBytes(canary)));
        yield return ("UTF-16BE", Encoding.Latin1.GetString(Encoding.BigEndianUnicode.GetBytes(canary)));
    }
}
