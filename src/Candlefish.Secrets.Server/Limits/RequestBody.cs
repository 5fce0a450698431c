using System.Buffers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Candlefish.Secrets.Server.Limits;

/// <summary>
/// A request body in memory, cleared on <see cref="Dispose"/>. Small bodies use pooled arrays; what exceeds
/// <see cref="FreeBytes"/> is counted against the <see cref="BodyBudget"/> before it is read.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>Bytes of one body that need no permission.</summary>
    public const int FreeBytes = 64 * 1024;

    private const int LargestPooled = 1024 * 1024;

    public static readonly RequestBody Empty = new(null, [], 0, false, 0);

    private readonly BodyBudget? _budget;
    private readonly bool _isPooled;
    private readonly long _borrowed;
    private byte[] _buffer;
    private int _length;

    private RequestBody(BodyBudget? budget, byte[] buffer, int length, bool isPooled, long borrowed)
    {
        _budget = budget;
        _buffer = buffer;
        _length = length;
        _isPooled = isPooled;
        _borrowed = borrowed;
    }

    /// <summary>Valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Reads the whole body; <see langword="null"/> when it is larger than <paramref name="maxBytes"/>.</summary>
    public static async ValueTask<RequestBody?> ReadAsync(HttpContext http, long maxBytes, BodyBudget budget, CancellationToken cancellation)
    {
        if (http.Request.ContentLength > maxBytes)
            return null;
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return Empty;
        return http.Request.ContentLength is { } known
            ? await ReadKnownAsync(http.Request.Body, (int)known, budget, cancellation)
            : await ReadUnknownAsync(http.Request.Body, maxBytes, budget, cancellation);
    }

    public void Dispose()
    {
        if (_buffer.Length == 0)
            return;
        byte[] buffer = _buffer;
        CryptographicOperations.ZeroMemory(buffer.AsSpan(0, _length));
        _buffer = [];
        _length = 0;
        if (_isPooled)
            ArrayPool<byte>.Shared.Return(buffer);
        if (_borrowed > 0)
            _budget?.Return(_borrowed);
    }

    private static async ValueTask<RequestBody?> ReadKnownAsync(Stream body, int length, BodyBudget budget, CancellationToken cancellation)
    {
        if (length == 0)
            return Empty;
        RequestBody result = await RentAsync(length, budget, cancellation);
        try
        {
            await body.ReadExactlyAsync(result._buffer.AsMemory(0, length), cancellation);
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    private static async ValueTask<RequestBody> RentAsync(int length, BodyBudget budget, CancellationToken cancellation)
    {
        long borrowed = length > FreeBytes ? length : 0;
        if (borrowed > 0)
            await budget.BorrowAsync(borrowed, cancellation);
        return Rent(length, budget, borrowed);
    }

    private static RequestBody Rent(int length, BodyBudget budget, long borrowed) => length <= LargestPooled
        ? new RequestBody(budget, ArrayPool<byte>.Shared.Rent(length), length, true, borrowed)
        : new RequestBody(budget, new byte[length], length, false, borrowed);

    // Chunked: the length is not known, so a body that outgrows the free part borrows for the largest one.
    private static async ValueTask<RequestBody?> ReadUnknownAsync(Stream body, long maxBytes, BodyBudget budget, CancellationToken cancellation)
    {
        using var parts = new ClearedParts();
        long borrowed = 0;
        RequestBody? result = null;
        try
        {
            while (true)
            {
                int read = await body.ReadAsync(parts.Free(), cancellation);
                if (read == 0)
                    break;
                parts.Advance(read);
                if (parts.Length > maxBytes)
                    return null;
                if (parts.Length > FreeBytes && borrowed == 0)
                {
                    await budget.BorrowAsync(maxBytes, cancellation);
                    borrowed = maxBytes;
                }
            }
            if (parts.Length == 0)
                return Empty;
            result = Rent((int)parts.Length, budget, borrowed);
            parts.CopyTo(result._buffer);
            return result;
        }
        finally
        {
            if (result is null && borrowed > 0)
                budget.Return(borrowed);
        }
    }
}
