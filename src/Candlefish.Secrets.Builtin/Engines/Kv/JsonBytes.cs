using System.Globalization;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>
/// Builds one JSON text in one array of known size, because a buffer that grows leaves copies of secrets behind.
/// </summary>
/// <param name="capacity">At least the length of the text; too small is a bug and throws.</param>
internal ref struct JsonBytes(int capacity)
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(capacity);
    private int _length;

    public void Raw(scoped ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(_buffer.AsSpan(_length));
        _length += utf8.Length;
    }

    /// <summary>A quoted RFC 3339 time; the empty text when unset.</summary>
    public void Time(DateTimeOffset? time)
    {
        _buffer[_length++] = (byte)'"';
        if (time is { } value)
            _length += WireTime.Format(value, _buffer.AsSpan(_length));
        _buffer[_length++] = (byte)'"';
    }

    public void Number(long value)
    {
        value.TryFormat(_buffer.AsSpan(_length), out int written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    public void Flag(bool value) => Raw(value ? "true"u8 : "false"u8);

    /// <summary>The text; the array now belongs to the caller.</summary>
    public readonly JsonData ToData() => new(_buffer.AsMemory(0, _length));
}
