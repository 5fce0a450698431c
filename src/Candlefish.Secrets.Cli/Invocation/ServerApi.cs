using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Output;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>
/// The server as commands see it: JSON in, JSON out, errors as <see cref="CliError"/>. Here, once
/// for all commands, live <c>--dry-run</c>, <c>--output-curl</c>, <c>--output-policy</c> and <c>--debug</c>.
/// </summary>
internal sealed class ServerApi : IDisposable
{
    private readonly CliContext _cli;
    private readonly VaultConnection _connection;
    private readonly VaultConnectionOptions _options;

    internal ServerApi(CliContext cli)
    {
        _cli = cli;
        _options = ConnectionSettings.From(
            cli.Settings, cli.Factors, cli.Messages.Warn, cli.IsDebug ? trace => cli.Messages.Debug(Line(trace)) : null);
        try
        {
            _connection = new VaultConnection(_options, cli.Host.Clock);
        }
        catch (VaultConnectionException failure)
        {
            throw ReplyErrors.From(failure);
        }
    }

    internal Uri Address => _options.Address;

    internal bool HasToken => _options.Token is not null;

    /// <summary>GET of something that must exist.</summary>
    internal Task<ApiReply> ReadAsync(string path, CancellationToken cancellation, params KeyValuePair<string, string>[] query) =>
        SendAsync(new VaultCall("GET", path) { Query = query }, cancellation);

    /// <summary>GET of something that may be missing: null for a 404 without data.</summary>
    internal async Task<ApiReply?> TryReadAsync(string path, CancellationToken cancellation, params KeyValuePair<string, string>[] query)
    {
        var call = new VaultCall("GET", path) { Query = query };
        Preview(call);
        var reply = await RawAsync(call, cancellation);
        if (reply.Status != 404 || reply.Errors().Count > 0)
        {
            return await CheckAsync(call, reply, cancellation);
        }

        return ApiReply.From(reply) is { } gone && gone.Body["data"] is not null ? gone : null;
    }

    /// <summary>Names under a path; null when there are none.</summary>
    internal async Task<ApiReply?> TryListAsync(string path, CancellationToken cancellation)
    {
        // GET with list=true is what every proxy lets through; the method LIST is not.
        var call = new VaultCall("GET", path.TrimEnd('/') + "/") { Query = [new("list", "true")] };
        Preview(call with { Method = "LIST", Query = [] });
        var reply = await RawAsync(call, cancellation);
        return reply.Status == 404 && reply.Errors().Count == 0 ? null : await CheckAsync(call with { Method = "LIST" }, reply, cancellation);
    }

    internal Task<ApiReply> WriteAsync(string path, JsonObject? body, CancellationToken cancellation) =>
        SendAsync(new VaultCall("PUT", path) { Body = body is null ? default : JsonText.Utf8(body) }, cancellation);

    internal Task<ApiReply> PatchAsync(string path, JsonObject body, CancellationToken cancellation) =>
        SendAsync(new VaultCall("PATCH", path) { Body = JsonText.Utf8(body) }, cancellation);

    internal Task<ApiReply> DeleteAsync(string path, CancellationToken cancellation, params KeyValuePair<string, string>[] query) =>
        SendAsync(new VaultCall("DELETE", path) { Query = query }, cancellation);

    /// <summary>Sends any call; shows the server's warnings.</summary>
    /// <exception cref="CliError">An error status, no answer, or one of the "print instead" flags.</exception>
    internal async Task<ApiReply> SendAsync(VaultCall call, CancellationToken cancellation)
    {
        Preview(call);
        return await CheckAsync(call, await RawAsync(call, cancellation), cancellation);
    }

    /// <summary>Sends a call that prepares another one and returns whatever the server says; never previewed.</summary>
    internal async Task<VaultReply> RawAsync(VaultCall call, CancellationToken cancellation)
    {
        try
        {
            return await _connection.SendAsync(call, cancellation);
        }
        catch (VaultConnectionException failure)
        {
            throw ReplyErrors.From(failure);
        }
        catch (ArgumentException bad)
        {
            throw CliError.Usage(bad.Message, "such a path could be read differently on its way", "write the path without it");
        }
    }

    /// <summary>Makes an error of an error status.</summary>
    internal async Task<ApiReply> CheckAsync(VaultCall call, VaultReply reply, CancellationToken cancellation)
    {
        if (!reply.IsSuccess)
        {
            var policies = reply.Status == 403 && HasToken ? await PoliciesAsync(cancellation) : null;
            throw ReplyErrors.From(call, reply, policies, HasToken || !string.IsNullOrEmpty(call.Token));
        }

        var body = ApiReply.From(reply);
        if (!body.IsJson && call.Method is not "GET")
        {
            throw new CliError(
                ExitCode.Server, $"the answer to {call.Path} is no JSON", "something else than the server's API answers at that address", "candlefish-secrets doctor")
            {
                RequestId = reply.RequestId, Status = reply.Status,
            };
        }

        foreach (var warning in body.Warnings)
        {
            _cli.Messages.Warn(warning);
        }

        return body;
    }

    public void Dispose() => _connection.Dispose();

    private static string Line(ConnectionTrace trace) =>
        $"{trace.Method} /v1/{trace.Path} -> {(trace.Status == 0 ? "no answer" : trace.Status)} in {trace.Elapsed.TotalMilliseconds:0.0} ms (attempt {trace.Attempt})";

    /// <summary>Names of the token's policies; empty when the server does not know the token, null when it will not say.</summary>
    private async Task<string?> PoliciesAsync(CancellationToken cancellation)
    {
        var reply = await RawAsync(new VaultCall("GET", "auth/token/lookup-self") { WrapTtl = "" }, cancellation);
        if (reply.Status == 403)
        {
            return reply.Errors().Any(static e => e.Contains("invalid token", StringComparison.Ordinal)) ? "" : null;
        }

        return reply.IsSuccess && ApiReply.From(reply).Data["policies"] is JsonArray names
            ? string.Join(", ", names.Select(static n => n?.ToString()))
            : null;
    }

    /// <summary>Shows a call instead of making it, when a flag asks for that.</summary>
    /// <exception cref="PreviewShown">It was shown: the command is over.</exception>
    internal void Preview(VaultCall call)
    {
        if (_cli.PrintsCurl || _cli.PrintsPolicy)
        {
            _cli.Output.Text(_cli.PrintsCurl ? CallPreview.Curl(call, _options) : CallPreview.Policy(call));
            throw new PreviewShown();
        }

        if (_cli.IsDryRun && !call.IsRead)
        {
            _cli.Messages.Info("dry run, nothing changed: " + CallPreview.Summary(call));
            throw new PreviewShown();
        }
    }
}

/// <summary>Ends a command with exit code 0 after a preview was printed instead of a call made.</summary>
internal sealed class PreviewShown : Exception;
