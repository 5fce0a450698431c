using System.Net.Http.Headers;

namespace Candlefish.Secrets.Client;

/// <summary>
/// Sends calls of the Vault HTTP API and returns the raw UTF-8 answers. Thread-safe; one instance
/// per server, its sockets are reused. Redirects are followed only to the same origin, so that a
/// token never travels to another host.
/// </summary>
public sealed class VaultConnection : IDisposable
{
    private readonly VaultConnectionOptions _options;
    private readonly HttpClient _http;
    private readonly TimeProvider _clock;
    private readonly string _origin;

    /// <summary>Reads the TLS files of <paramref name="options"/>; opens no socket yet.</summary>
    /// <exception cref="VaultConnectionException">A TLS file cannot be used.</exception>
    public VaultConnection(VaultConnectionOptions options, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _clock = clock ?? TimeProvider.System;
        _origin = options.Address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/";
        _http = new HttpClient(TlsSettings.Handler(options), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Sends one call, repeats it as <see cref="RetryRule"/> says, and returns whatever the server answered.</summary>
    /// <exception cref="VaultConnectionException">No answer came.</exception>
    /// <exception cref="ArgumentException">The path cannot be sent.</exception>
    public async Task<VaultReply> SendAsync(VaultCall call, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(call);
        var uri = AbsoluteUri(call.RelativeUri());
        using var deadline = new CancellationTokenSource(_options.Timeout, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        for (var attempt = 1; ; attempt++)
        {
            var (reply, retryAfter, failure) = await AttemptAsync(call, uri, attempt, both.Token, cancellation).ConfigureAwait(false);
            var last = attempt > _options.Retries;
            if (failure is not null && (last || !MayRepeat(call, failure.Failure)))
            {
                throw failure;
            }

            if (reply is not null && (last || !RetryRule.Repeats(call, reply.Status, IsSealed(reply))))
            {
                return reply;
            }

            await PauseAsync(RetryRule.Pause(attempt, retryAfter), reply, failure, both.Token, cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static bool MayRepeat(VaultCall call, ConnectionFailure failure) =>
        failure == ConnectionFailure.Refused || (failure == ConnectionFailure.Broken && call.IsRead);

    private static bool IsSealed(VaultReply reply) =>
        reply.Status == 503 && reply.Errors().Any(static e => e.Contains("sealed", StringComparison.OrdinalIgnoreCase));

    private Uri AbsoluteUri(string relative) =>
        new(_origin + relative, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private async Task PauseAsync(
        TimeSpan pause, VaultReply? reply, VaultConnectionException? failure, CancellationToken both, CancellationToken caller)
    {
        try
        {
            await Task.Delay(pause, _clock, both).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            throw failure ?? new VaultConnectionException(
                ConnectionFailure.Timeout, $"The server kept answering {reply?.Status} for {_options.Timeout.TotalSeconds:0} s.");
        }
    }

    private async Task<(VaultReply? Reply, TimeSpan? RetryAfter, VaultConnectionException? Failure)> AttemptAsync(
        VaultCall call, Uri uri, int attempt, CancellationToken both, CancellationToken caller)
    {
        var start = _clock.GetTimestamp();
        try
        {
            using var request = Request(call, uri);
            using var response = await _http.SendAsync(request, both).ConfigureAwait(false);
            var target = SameOriginRedirect(response, uri);
            using var redirected = target is null ? null : await FollowAsync(call, target, both).ConfigureAwait(false);
            var final = redirected ?? response;
            var body = await final.Content.ReadAsByteArrayAsync(both).ConfigureAwait(false);
            Trace(call, (int)final.StatusCode, attempt, start);
            return (new VaultReply((int)final.StatusCode, body, RequestId(final), final.Headers.Date), final.Headers.RetryAfter?.Delta, null);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            Trace(call, 0, attempt, start);
            return (null, null, new VaultConnectionException(
                ConnectionFailure.Timeout, $"No answer from {_options.Address.Host}:{_options.Address.Port} within {_options.Timeout.TotalSeconds:0} s."));
        }
        catch (HttpRequestException exception)
        {
            Trace(call, 0, attempt, start);
            return (null, null, FailureText.From(exception, _options.Address));
        }
    }

    private async Task<HttpResponseMessage> FollowAsync(VaultCall call, Uri target, CancellationToken cancellation)
    {
        using var request = Request(call, target);
        return await _http.SendAsync(request, cancellation).ConfigureAwait(false);
    }

    private static Uri? SameOriginRedirect(HttpResponseMessage response, Uri from)
    {
        if ((int)response.StatusCode is not (307 or 308) || response.Headers.Location is not { } location)
        {
            return null;
        }

        var target = new Uri(from, location);
        return Uri.Compare(from, target, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0
            ? target
            : null;
    }

    private HttpRequestMessage Request(VaultCall call, Uri uri)
    {
        var request = new HttpRequestMessage(new HttpMethod(call.Method), uri);
        request.Headers.TryAddWithoutValidation("X-Vault-Request", "true");
        if (_options.TlsServerName is { Length: > 0 } name && uri.Scheme == Uri.UriSchemeHttps)
        {
            // The handler takes the name it asks for and verifies in TLS from the Host header.
            request.Headers.Host = uri.IsDefaultPort ? name : $"{name}:{uri.Port}";
        }

        Add(request, "X-Vault-Token", call.Token ?? _options.Token);
        Add(request, "X-Vault-Namespace", _options.Namespace);
        Add(request, "X-Vault-Wrap-TTL", call.WrapTtl ?? _options.WrapTtl);
        foreach (var factor in _options.MultiFactor)
        {
            Add(request, "X-Vault-MFA", factor);
        }

        if (!call.Body.IsEmpty)
        {
            request.Content = new ReadOnlyMemoryContent(call.Body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(
                call.Method == "PATCH" ? "application/merge-patch+json" : "application/json");
        }

        return request;
    }

    private static void Add(HttpRequestMessage request, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static string? RequestId(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-Request-Id", out var values) || response.Headers.TryGetValues("X-Vault-Request-Id", out values)
            ? values.FirstOrDefault()
            : null;

    private void Trace(VaultCall call, int status, int attempt, long start) =>
        _options.Trace?.Invoke(new ConnectionTrace(call.Method, call.Path, status, attempt, _clock.GetElapsedTime(start)));
}
