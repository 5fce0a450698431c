using System.Buffers;
using System.Security.Cryptography;

namespace Candlefish.Secrets.Server.Limits;

/// <summary>A contiguous growing buffer for answers: pooled, cleared when it grows and on <see cref="Dispose"/>. Not thread-safe.</summary>
internal sealed class ClearedWriter : IBufferWriter<byte>, IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(2 * 1024);
    private int _length;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_length);
    }

    public void Dispose() => GiveBack([]);

    private void MakeRoom(int bytes)
    {
        if (_buffer.Length - _length >= bytes)
            return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, checked(_length + bytes)));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        GiveBack(larger);
    }

    private void GiveBack(byte[] replacement)
    {
        byte[] old = _buffer;
        _buffer = replacement;
        CryptographicOperations.ZeroMemory(old);
        if (old.Length > 0)
            ArrayPool<byte>.Shared.Return(old);
    }
}
