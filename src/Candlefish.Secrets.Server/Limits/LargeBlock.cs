using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Candlefish.Secrets.Server.Limits;

/// <summary>
/// Native memory of one large body. Unlike a managed array it takes only the pages that are written, and is given back to
/// the system at once, not when a collection happens. Cleared before it is freed.
/// </summary>
/// <remarks>Owned by one <see cref="RequestBody"/>, which disposes it after the last use of its memory.</remarks>
internal sealed unsafe class LargeBlock(int length) : MemoryManager<byte>
{
    private byte* _start = (byte*)NativeMemory.Alloc((nuint)length);
    private int _written;

    /// <summary>How many bytes from the beginning may have been written: those are cleared.</summary>
    public void MarkWritten(int bytes) => _written = Math.Max(_written, bytes);

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        return new Span<byte>(_start, length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length);
        return new MemoryHandle(_start + elementIndex, default, this);
    }

    public override void Unpin()
    {
        // Native memory does not move.
    }

    protected override void Dispose(bool disposing)
    {
        if (_start is null)
            return;
        CryptographicOperations.ZeroMemory(new Span<byte>(_start, _written));
        NativeMemory.Free(_start);
        _start = null;
    }
}
