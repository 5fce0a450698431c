using System.Buffers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Candlefish.Secrets.Server.Limits;

/// <summary>
/// A request body in memory, cleared on <see cref="Dispose"/>. Up to <see cref="FreeBytes"/> it is a pooled array; a larger
/// one is native memory, counted against the <see cref="BodyBudget"/> before it is taken.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>Bytes of one body that need no permission.</summary>
    public const int FreeBytes = 32 * 1024;

    public static readonly RequestBody Empty = new([], 0);

    private byte[] _pooled;
    private LargeBlock? _large;
    private BodyBudget? _budget;
    private long _borrowed;
    private int _length;

    private RequestBody(byte[] pooled, int length)
    {
        _pooled = pooled;
        _length = length;
    }

    /// <summary>Valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Bytes => (_large?.Memory ?? _pooled)[.._length];

    /// <summary>Reads the whole body; <see langword="null"/> when it is larger than <paramref name="maxBytes"/>.</summary>
    public static async ValueTask<RequestBody?> ReadAsync(HttpContext http, long maxBytes, BodyBudget budget, CancellationToken cancellation)
    {
        if (http.Request.ContentLength > maxBytes)
            return null;
        if (http.Request.ContentLength == 0 || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return Empty;
        int expected = (int)(http.Request.ContentLength ?? FreeBytes);
        var body = new RequestBody([], 0);
        try
        {
            if (expected <= FreeBytes)
                body._pooled = ArrayPool<byte>.Shared.Rent(expected);
            else
                await body.EnlargeAsync(expected, budget, cancellation);
            if (await body.FillAsync(http.Request.Body, maxBytes, budget, cancellation))
                return body;
            body.Dispose();
            return null;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_pooled.AsSpan(0, Math.Min(_length, _pooled.Length)));
        if (_pooled.Length > 0)
            ArrayPool<byte>.Shared.Return(_pooled);
        _large?.MarkWritten(_length);
        ((IDisposable?)_large)?.Dispose();
        if (_borrowed > 0)
            _budget?.Return(_borrowed);
        _pooled = [];
        _large = null;
        _borrowed = 0;
        _length = 0;
    }

    // False = the body is too large. One byte more than allowed is never stored.
    private async ValueTask<bool> FillAsync(Stream source, long maxBytes, BodyBudget budget, CancellationToken cancellation)
    {
        byte[] surplus = [0];
        while (true)
        {
            Memory<byte> room = (_large?.Memory ?? _pooled)[_length..];
            if (!room.IsEmpty)
            {
                int read = await source.ReadAsync(room, cancellation);
                if (read == 0)
                    return true;
                _length += read;
                continue;
            }
            if (await source.ReadAsync(surplus, cancellation) == 0)
                return true;
            if (_length >= maxBytes)
                return false;
            // Chunked, and more than the free part: room for the largest body, because the length is not known.
            await EnlargeAsync((int)maxBytes, budget, cancellation);
            surplus.CopyTo((_large?.Memory ?? default)[_length..]);
            surplus[0] = 0;
            _length++;
        }
    }

    private async ValueTask EnlargeAsync(int bytes, BodyBudget budget, CancellationToken cancellation)
    {
        await budget.BorrowAsync(bytes, cancellation);
        _budget = budget;
        _borrowed = bytes;
        _large = new LargeBlock(bytes);
        _pooled.AsSpan(0, _length).CopyTo(_large.GetSpan());
        CryptographicOperations.ZeroMemory(_pooled.AsSpan(0, _length));
        if (_pooled.Length > 0)
            ArrayPool<byte>.Shared.Return(_pooled);
        _pooled = [];
    }
}
