using Candlefish.Secrets.Server.Limits;
using Candlefish.Secrets.Vault.Requests;
using Microsoft.AspNetCore.Http;

namespace Candlefish.Secrets.Server.VaultApi;

/// <summary>
/// Sends an answer: status, headers, body with its exact length; then zeroes what it held. Buffers of this class are cleared
/// before they are reused.
/// </summary>
internal static class VaultResponseWriter
{
    private const string Json = "application/json";

    public static async ValueTask WriteAsync(HttpContext http, Listener listener, VaultResponse response)
    {
        try
        {
            HttpResponse answer = http.Response;
            answer.StatusCode = EnvelopeWriter.StatusOf(response);
            ResponseHeaders.Set(answer, listener, response);
            if (answer.StatusCode == StatusCodes.Status204NoContent)
                return;
            if (response is { Shape: ResponseShape.Raw, Raw: { } raw, IsError: false })
            {
                await SendAsync(answer, raw.ContentType, raw.Bytes);
                return;
            }
            if (!response.IsError && response.Shape is ResponseShape.Bare or ResponseShape.Verbatim)
            {
                await SendAsync(answer, Json, response.Data.Utf8);
                return;
            }
            using var body = new ClearedWriter();
            EnvelopeWriter.Write(response, body);
            await SendAsync(answer, Json, body.Written);
        }
        finally
        {
            response.Wipe();
        }
    }

    // Written and flushed by one call: header and body leave in one packet.
    private static async ValueTask SendAsync(HttpResponse answer, string contentType, ReadOnlyMemory<byte> body)
    {
        answer.ContentType = contentType;
        answer.ContentLength = body.Length;
        await answer.BodyWriter.WriteAsync(body);
    }
}
