using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>A JSON writer over a buffer that is zeroed when it grows and when it is disposed.</summary>
internal sealed class SecretJson : IBufferWriter<byte>, IDisposable
{
    private byte[] _buffer;
    private int _length;

    /// <param name="expectedBytes">A guess that avoids growing.</param>
    public SecretJson(int expectedBytes)
    {
        _buffer = new byte[expectedBytes + 256];
        Writer = new Utf8JsonWriter(this, JsonData.WriterOptions);
    }

    public Utf8JsonWriter Writer { get; }

    /// <summary>What was written; valid until the next write or <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Written
    {
        get
        {
            Writer.Flush();
            return _buffer.AsSpan(0, _length);
        }
    }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        int wanted = _length + Math.Max(sizeHint, 1);
        if (wanted > _buffer.Length)
        {
            byte[] larger = new byte[Math.Max(wanted, _buffer.Length * 2)];
            _buffer.AsSpan(0, _length).CopyTo(larger);
            CryptographicOperations.ZeroMemory(_buffer);
            _buffer = larger;
        }
        return _buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        Writer.Dispose();
        CryptographicOperations.ZeroMemory(_buffer);
    }
}
