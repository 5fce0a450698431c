using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>
/// A growing UTF-8 buffer that audit lines are written into: reused from line to line, so that a line costs no
/// allocation. Not thread-safe.
/// </summary>
internal sealed class AuditBuffer
{
    /// <summary>A buffer that grew beyond this is given back after use.</summary>
    private const int KeptBytes = 1 << 20;

    private byte[] _bytes = new byte[4_096];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>Forgets the content.</summary>
    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > KeptBytes)
            _bytes = new byte[4_096];
    }

    /// <summary>Takes back everything after <paramref name="length"/>.</summary>
    public void Truncate(int length)
    {
        Debug.Assert(length <= Length, "a buffer is only cut");
        Length = length;
    }

    public void Append(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Space(utf8.Length));
        Length += utf8.Length;
    }

    public void Append(byte single)
    {
        Space(1)[0] = single;
        Length++;
    }

    public void Append(long number)
    {
        Utf8Formatter.TryFormat(number, Space(20), out int written);
        Length += written;
    }

    public void AppendHex(ReadOnlySpan<byte> bytes)
    {
        Convert.TryToHexStringLower(bytes, Space(bytes.Length * 2), out int written);
        Length += written;
    }

    /// <summary>ISO 8601 with seven fractional digits, UTC, quoted.</summary>
    public void AppendTime(DateTimeOffset time)
    {
        Span<byte> space = Space(40);
        space[0] = (byte)'"';
        time.UtcDateTime.TryFormat(space[1..], out int written, "O", System.Globalization.CultureInfo.InvariantCulture);
        space[written + 1] = (byte)'"';
        Length += written + 2;
    }

    /// <summary>A JSON string, quoted and escaped; lone surrogates become U+FFFD.</summary>
    public void AppendString(string text)
    {
        Append((byte)'"');
        Span<byte> space = Space(text.Length * 3);
        int length = Encoding.UTF8.GetBytes(text, space);
        if (JavaScriptEncoder.UnsafeRelaxedJsonEscaping.FindFirstCharacterToEncodeUtf8(space[..length]) < 0)
            Length += length;
        else
            AppendEscaped(space[..length].ToArray());
        Append((byte)'"');
    }

    /// <summary>A comma, unless this opens an object or a list, then <c>"name":</c>.</summary>
    public void AppendName(string name)
    {
        AppendComma();
        AppendString(name);
        Append((byte)':');
    }

    public void AppendComma()
    {
        if (Length > 0 && _bytes[Length - 1] is not ((byte)'{' or (byte)'[' or (byte)':'))
            Append((byte)',');
    }

    public void AppendStrings(IReadOnlyList<string> values)
    {
        Append((byte)'[');
        for (int i = 0; i < values.Count; i++)
        {
            if (i > 0)
                Append((byte)',');
            AppendString(values[i]);
        }
        Append((byte)']');
    }

    /// <summary>Room for at least <paramref name="size"/> more bytes.</summary>
    public Span<byte> Space(int size)
    {
        if (_bytes.Length - Length < size)
        {
            byte[] larger = new byte[Math.Max(_bytes.Length * 2, Length + size)];
            _bytes.AsSpan(0, Length).CopyTo(larger);
            CryptographicOperations.ZeroMemory(_bytes);
            _bytes = larger;
        }
        return _bytes.AsSpan(Length);
    }

    /// <summary>Counts bytes that were written into <see cref="Space"/>.</summary>
    public void Advance(int count) => Length += count;

    private void AppendEscaped(ReadOnlySpan<byte> utf8)
    {
        Span<byte> space = Space(utf8.Length * 6);
        JavaScriptEncoder.UnsafeRelaxedJsonEscaping.EncodeUtf8(utf8, space, out _, out int written);
        Length += written;
    }
}
