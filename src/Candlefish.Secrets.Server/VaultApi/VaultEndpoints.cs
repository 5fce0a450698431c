using Candlefish.Secrets.Server.Limits;
using Candlefish.Secrets.Vault;
using Candlefish.Secrets.Vault.Requests;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Candlefish.Secrets.Server.VaultApi;

/// <summary>
/// The Vault door: HTTP → <see cref="VaultRequest"/> → <see cref="VaultNode"/> → HTTP. Knows no path but its prefix.
/// </summary>
internal sealed class VaultEndpoints(VaultNode node, BodyBudget bodies, IVaultLog log)
{
    public const string Prefix = "/v1/";

    private const string MergePatch = "application/merge-patch+json";
    private const string UnreadableBody = "the request body could not be read: it ended early, was malformed, or came too slowly";
    private const string Form = "application/x-www-form-urlencoded";

    /// <summary>Answers one request. Every failure becomes an answer, except a client that is gone.</summary>
    public async ValueTask AnswerAsync(HttpContext http, Listener listener, RequestTarget target)
    {
        string id = RandomText.Uuid();
        using RequestDeadline deadline = RequestDeadline.Start(listener.MaxRequestDuration, http.RequestAborted);
        try
        {
            await HandleAsync(http, listener, target, id, deadline.Token);
        }
        catch (Exception e) when (IsClientGone(http, e))
        {
            http.Abort();
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await VaultResponseWriter.WriteAsync(http, listener, Failure(id, listener, e));
        }
    }

    private async ValueTask HandleAsync(HttpContext http, Listener listener, RequestTarget target, string id, CancellationToken cancellation)
    {
        HttpRequest message = http.Request;
        if (!CanonicalPath.TryParseEncoded(target.Path[Prefix.Length..], out CanonicalPath path, out string pathError))
            throw RequestRefused.BadRequest(pathError);
        Parameters query = Parameters.Parse(target.Query);
        if (Verb.OperationOf(message.Method, path, query) is not { } operation)
            throw new RequestRefused(405, "unsupported method: use GET, LIST, SCAN, POST, PUT, PATCH or DELETE");
        var headers = new RequestHeaders(message.Headers);
        bool hasBody = operation is Operation.Update or Operation.Patch;
        if (operation == Operation.Patch && !IsMediaType(message.ContentType, MergePatch))
            throw new RequestRefused(415, $"PATCH requires Content-Type of {MergePatch}, provided {message.ContentType}");
        string? token = headers.Token();
        string ns = headers.Namespace();
        if (ns.Length > 0 && System.Text.Ascii.IsValid(ns))
            http.Response.Headers[RequestHeaders.NamespaceHeader] = ns;
        using RequestBody body = hasBody ? await ReadBodyAsync(http, listener, token, cancellation) : RequestBody.Empty;
        using RequestData data = hasBody ? DataOf(body, message.ContentType) : query.ToData("list", "scan", "help");
        var request = new VaultRequest
        {
            Id = id,
            Operation = operation,
            Path = path,
            NamespacePath = ns,
            Token = token,
            Data = data,
            WrapTtl = headers.WrapTtl(),
            RemoteAddress = ForwardedFor.ClientOf(http, listener.ForwardedFor),
            RemotePort = http.Connection.RemotePort,
            Headers = headers,
            ClientCertificate = listener.IsTls ? http.Connection.ClientCertificate?.RawDataMemory ?? default : default,
        };
        VaultResponse response = await node.HandleAsync(request, cancellation);
        await VaultResponseWriter.WriteAsync(http, listener, response);
    }

    // Without a living token a body stays small: memory is not lent to strangers, and logins are short.
    private async ValueTask<RequestBody> ReadBodyAsync(HttpContext http, Listener listener, string? token, CancellationToken cancellation)
    {
        long length = http.Request.ContentLength ?? long.MaxValue;
        bool isTrusted = length <= RequestBody.FreeBytes || (token is not null && await node.KnowsTokenAsync(token, cancellation));
        long maxBytes = isTrusted ? listener.MaxBodyBytes : Math.Min(listener.MaxBodyBytes, RequestBody.FreeBytes);
        try
        {
            return await RequestBody.ReadAsync(http, maxBytes, bodies, cancellation)
                ?? throw new RequestRefused(413, isTrusted
                    ? $"request body too large: this listener accepts {maxBytes} bytes (max_request_size)"
                    : $"request body too large: without a valid token {maxBytes} bytes are accepted");
        }
        catch (IOException e) when (e is not BadHttpRequestException && !IsClientGone(http, e))
        {
            // Kestrel throws a plain IOException for chunk sizes that overflow.
            throw RequestRefused.BadRequest(UnreadableBody);
        }
    }

    // JSON whatever the content type says; a form only when it says so and the body does not look like JSON.
    private static RequestData DataOf(RequestBody body, string? contentType)
    {
        if (body.Bytes.IsEmpty)
            return RequestData.Empty;
        if (!IsMediaType(contentType, Form) || body.Bytes.Span[0] is (byte)'{' or (byte)'[')
            return new RequestData(body.Bytes);
        return Parameters.Parse(body.Bytes.Span).ToData();
    }

    private static bool IsMediaType(string? contentType, string expected) =>
        contentType is not null && contentType.AsSpan().TrimStart().StartsWith(expected, StringComparison.OrdinalIgnoreCase) &&
        contentType.AsSpan().TrimStart()[expected.Length..].TrimStart() is [] or [';', ..];

    private VaultResponse Failure(string id, Listener listener, Exception e)
    {
        switch (e)
        {
            case RequestRefused refused:
                return VaultResponse.Error(refused.Status, refused.Message);
            case BadHttpRequestException malformed:
                return VaultResponse.Error(malformed.StatusCode, UnreadableBody);
            case OperationCanceledException:
                return VaultResponse.Error(503, $"the request took longer than {WireTime.FormatDuration(listener.MaxRequestDuration)} and was ended (max_request_duration): ask for less at once, or raise the limit");
            default:
                log.Write(VaultLogLevel.Error, $"request {id} failed in the Vault door", e);
                return VaultResponse.Error(500, "internal error");
        }
    }

    private static bool IsClientGone(HttpContext http, Exception e) =>
        http.RequestAborted.IsCancellationRequested || e is ConnectionResetException or ConnectionAbortedException;
}
