using System.Buffers;
using System.Security.Cryptography;

namespace Candlefish.Secrets.Server.Limits;

/// <summary>A growing list of pooled blocks that are cleared before they go back. Not thread-safe.</summary>
internal sealed class ClearedParts : IDisposable
{
    private const int FirstBytes = 4 * 1024;
    private const int NextBytes = 64 * 1024;

    private readonly List<(byte[] Block, int Used)> _parts = [];

    public long Length { get; private set; }

    /// <summary>Room for the next read, at least one byte.</summary>
    public Memory<byte> Free()
    {
        if (_parts.Count == 0 || _parts[^1].Used == _parts[^1].Block.Length)
            _parts.Add((ArrayPool<byte>.Shared.Rent(_parts.Count == 0 ? FirstBytes : NextBytes), 0));
        return _parts[^1].Block.AsMemory(_parts[^1].Used);
    }

    public void Advance(int bytes)
    {
        _parts[^1] = (_parts[^1].Block, _parts[^1].Used + bytes);
        Length += bytes;
    }

    public void CopyTo(Span<byte> target)
    {
        foreach ((byte[] block, int used) in _parts)
        {
            block.AsSpan(0, used).CopyTo(target);
            target = target[used..];
        }
    }

    public void Dispose()
    {
        foreach ((byte[] block, int used) in _parts)
        {
            CryptographicOperations.ZeroMemory(block.AsSpan(0, used));
            ArrayPool<byte>.Shared.Return(block);
        }
        _parts.Clear();
    }
}
