using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Commands.Checks;

/// <summary>Checks of the way to the server, each one only when the one before allows it: name, port, API, seal, clock, token.</summary>
internal static class ServerChecks
{
    internal static async Task RunAsync(CliContext cli, CheckReport report, CancellationToken cancellation)
    {
        ServerApi server;
        try
        {
            var address = cli.Settings.ServerAddress();
            server = cli.Server;
            report.Ok("address", $"{address.Value} ({address.Source})");
        }
        catch (CliError error)
        {
            report.Fail("address", error.Message, error.Next ?? "export VAULT_ADDR=https://HOST:8200");
            return;
        }

        if (await ResolvesAsync(server.Address, report, cancellation)
            && await ConnectsAsync(server.Address, report, cancellation)
            && await AnswersAsync(cli, report, cancellation))
        {
            await TokenAsync(cli, report, cancellation);
        }
    }

    private static async Task<bool> ResolvesAsync(Uri address, CheckReport report, CancellationToken cancellation)
    {
        try
        {
            var found = await Dns.GetHostAddressesAsync(address.DnsSafeHost, cancellation);
            report.Ok("name resolution", $"{address.Host} is {string.Join(", ", found.Select(static a => a.ToString()))}");
            return true;
        }
        catch (SocketException)
        {
            report.Fail("name resolution", $"{address.Host} does not resolve", "check the host name in VAULT_ADDR and the DNS settings");
            return false;
        }
    }

    private static async Task<bool> ConnectsAsync(Uri address, CheckReport report, CancellationToken cancellation)
    {
        using var socket = new TcpClient();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            await socket.ConnectAsync(address.DnsSafeHost, address.Port, bound.Token);
            report.Ok("port", $"{address.Port} accepts connections");
            return true;
        }
        catch (SocketException)
        {
            report.Fail("port", $"Connection refused by {address.Host}:{address.Port}", "is the server running, and listening on that address and port?");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            report.Fail("port", $"timeout while connecting to {address.Host}:{address.Port}", "a firewall between here and the server drops the packets");
        }

        return false;
    }

    private static async Task<bool> AnswersAsync(CliContext cli, CheckReport report, CancellationToken cancellation)
    {
        VaultReply reply;
        try
        {
            reply = await cli.Server.RawAsync(new VaultCall("GET", "sys/health") { WrapTtl = "" }, cancellation);
        }
        catch (CliError error)
        {
            report.Fail(cli.Server.Address.Scheme == "https" ? "TLS" : "API", error.Message, error.Next ?? "candlefish-secrets status");
            return false;
        }

        var health = ApiReply.From(reply).Body;
        if (cli.Server.Address.Scheme == "https")
        {
            report.Ok("TLS", "the server's certificate is trusted");
        }
        else if (!ConnectionSettings.IsLoopback(cli.Server.Address))
        {
            report.Warn("TLS", "plain http to another machine", "use https");
        }

        Clock(cli, report, reply, SecretView.Seconds(health["server_time_utc"]));
        switch (reply.Status)
        {
            case 501:
                report.Fail("seal", "the server is not initialised", "candlefish-secrets operator init");
                return false;
            case 503:
                report.Fail("seal", "the server is sealed", "candlefish-secrets operator unseal");
                return false;
            case 200 or 429 or 472 or 473:
                report.Ok("seal", $"unsealed, version {JsonText.Plain(health["version"])}");
                return true;
            default:
                report.Fail("API", $"sys/health answered {reply.Status}", "is that address a Candlefish Secrets or Vault server?");
                return false;
        }
    }

    private static void Clock(CliContext cli, CheckReport report, VaultReply reply, long serverSeconds)
    {
        var server = serverSeconds > 0 ? DateTimeOffset.FromUnixTimeSeconds(serverSeconds) : reply.Date;
        if (server is not { } time)
        {
            return;
        }

        var skew = (cli.Now - time).Duration();
        var text = ((int)skew.TotalSeconds).ToString(CultureInfo.InvariantCulture) + " s";
        if (skew > TimeSpan.FromSeconds(30))
        {
            report.Fail("clock", $"differs from the server's by {text}", "enable NTP on both machines");
        }
        else
        {
            report.Ok("clock", $"differs from the server's by {text}");
        }
    }

    private static async Task TokenAsync(CliContext cli, CheckReport report, CancellationToken cancellation)
    {
        var source = cli.Settings.TokenFor(cli.Settings.ServerAddress().Value ?? "").Source;
        if (!cli.Server.HasToken)
        {
            report.Warn("token", "unset: not logged in", "candlefish-secrets login");
            return;
        }

        var reply = await cli.Server.RawAsync(new VaultCall("GET", "auth/token/lookup-self") { WrapTtl = "" }, cancellation);
        if (!reply.IsSuccess)
        {
            report.Fail("token", $"set ({source}), but the server says: {string.Join("; ", reply.Errors().Select(ReplyErrors.Flat))}", "the token is invalid or expired: candlefish-secrets login");
            return;
        }

        var data = ApiReply.From(reply).Data;
        var ttl = SecretView.Seconds(data["ttl"]);
        var detail = $"set ({source}), policies {GoText.Of(data["policies"])}, ttl {SecretView.Lifetime(data["ttl"])}";
        if (ttl is > 0 and < 300)
        {
            report.Warn("token", detail, "it expires soon: candlefish-secrets token renew");
        }
        else
        {
            report.Ok("token", detail);
        }
    }
}
