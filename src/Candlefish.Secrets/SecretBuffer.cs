using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using Candlefish.Secrets.Native;

namespace Candlefish.Secrets;

/// <summary>A function over bytes that must not outlive the call.</summary>
public delegate TResult SecretFunc<in TState, out TResult>(ReadOnlySpan<byte> bytes, TState state)
    where TState : allows ref struct;

/// <summary>
/// Secret bytes in native memory: locked in RAM, left out of core dumps, wiped in forked children, overwritten with
/// zero when released. The garbage collector never copies them.
/// </summary>
/// <remarks>
/// <para>The bytes are reached only inside a callback, so that no span outlives the buffer. Use <c>static</c> lambdas
/// and pass what they need as state: nothing secret is captured, and nothing is allocated.</para>
/// <para>Thread-safe for concurrent reads and for <see cref="Dispose"/> at any time: the memory is zeroed when the
/// last use under way ends, and each later use throws <see cref="ObjectDisposedException"/>. Writers and readers of
/// one buffer take turns by the caller's own means.</para>
/// <para>A protection that the system refuses is counted in <see cref="SecretMemory"/>, never an error.</para>
/// </remarks>
[DebuggerDisplay("SecretBuffer [redacted]")]
[DebuggerTypeProxy(typeof(RedactedDebugView))]
public sealed class SecretBuffer : IDisposable
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly SecretBlock _block;

    private SecretBuffer(SecretBlock block)
    {
        _block = block;
    }

    /// <summary>Number of bytes. Readable also after <see cref="Dispose"/>.</summary>
    public int Length => _block.Length;

    /// <summary>Whether the bytes are gone (or will be, when the last use under way ends).</summary>
    public bool IsDisposed => _block.IsReleased;

    /// <summary>A buffer of zeros.</summary>
    /// <param name="length">Bytes, 0 or more. Up to 2 KiB shares a locked page with others.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory left.</exception>
    public static SecretBuffer Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return new SecretBuffer(SecretHeap.Rent(length));
    }

    /// <summary>
    /// A buffer of zeros for root and seal keys: pages of their own that even the kernel cannot read (memfd_secret,
    /// Linux 5.14 and later). Where that is missing it is like <see cref="Allocate"/> and counted as degraded.
    /// </summary>
    /// <param name="length">Bytes, 0 or more; at least one page of locked memory is used.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory left.</exception>
    public static SecretBuffer AllocateHardened(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return new SecretBuffer(SecretHeap.RentHardened(length));
    }

    /// <summary>A buffer with the same bytes. The source stays the caller's, who zeroes it.</summary>
    public static SecretBuffer CopyOf(ReadOnlySpan<byte> source)
    {
        SecretBuffer buffer = Allocate(source.Length);
        buffer.Write(source, static (bytes, from) => from.CopyTo(bytes));
        return buffer;
    }

    /// <summary>A buffer of bytes from the system's cryptographic random generator.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static SecretBuffer CreateRandom(int length)
    {
        SecretBuffer buffer = Allocate(length);
        buffer.Write(0, static (bytes, _) => RandomNumberGenerator.Fill(bytes));
        return buffer;
    }

    /// <summary>Lends the bytes for reading until <paramref name="action"/> returns.</summary>
    /// <exception cref="ObjectDisposedException">The buffer is disposed.</exception>
    public void Use<TState>(TState state, ReadOnlySpanAction<byte, TState> action)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(action);
        bool held = false;
        try
        {
            Hold(ref held);
            action(_block.Bytes, state);
        }
        finally
        {
            Release(held);
        }
    }

    /// <summary>Lends the bytes for reading until <paramref name="function"/> returns, and hands on its result.</summary>
    /// <exception cref="ObjectDisposedException">The buffer is disposed.</exception>
    public TResult Use<TState, TResult>(TState state, SecretFunc<TState, TResult> function)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(function);
        bool held = false;
        try
        {
            Hold(ref held);
            return function(_block.Bytes, state);
        }
        finally
        {
            Release(held);
        }
    }

    /// <summary>Lends the bytes for writing until <paramref name="action"/> returns.</summary>
    /// <exception cref="ObjectDisposedException">The buffer is disposed.</exception>
    public void Write<TState>(TState state, SpanAction<byte, TState> action)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(action);
        bool held = false;
        try
        {
            Hold(ref held);
            action(_block.Bytes, state);
        }
        finally
        {
            Release(held);
        }
    }

    /// <summary>Compares in constant time; another length is false at once.</summary>
    /// <exception cref="ObjectDisposedException">The buffer is disposed.</exception>
    public bool Verify(ReadOnlySpan<byte> candidate) =>
        Use(candidate, static (bytes, other) => CryptographicOperations.FixedTimeEquals(bytes, other));

    /// <summary>Zeroes and gives back the memory, at once or when the last use under way ends. May be called twice.</summary>
    public void Dispose() => _block.Dispose();

    /// <summary>Says what this is, and nothing about the content.</summary>
    public override string ToString() => "SecretBuffer [redacted]";

    private void Hold(ref bool held)
    {
        ObjectDisposedException.ThrowIf(_block.IsReleased, this);
        _block.DangerousAddRef(ref held);
    }

    private void Release(bool held)
    {
        if (held)
        {
            _block.DangerousRelease();
        }
    }
}
