using System.Net;
using System.Text;
using Candlefish.Secrets.Server.Configuration;
using Candlefish.Secrets.Vault;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Server;

/// <summary>A server that is useful after one command: one key share, a known root token, <c>secret/</c> mounted.</summary>
internal static class DevelopmentMode
{
    /// <exception cref="ServerStartException">A public address with the well-known token, or an unreadable address.</exception>
    public static ServerConfiguration Configuration(DevelopmentOptions options, ServerStart start)
    {
        if (start.ConfigurationPaths.Count > 0)
            throw new ServerStartException("-dev and -config exclude each other: a development server keeps everything in memory and needs no file");
        if (!ListenAddress.TryParse(options.ListenAddress, out ListenAddress address))
            throw new ServerStartException("-dev-listen-address is no HOST:PORT such as 127.0.0.1:8200");
        if (options.RootToken.Length == 0)
            throw new ServerStartException("-dev-root-token-id is empty: leave it out or give a token");
        if (!address.IsLoopback && options.RootToken == DevelopmentOptions.StandardToken)
        {
            throw new ServerStartException(
                $"-dev-listen-address {address} is reachable from other machines while -dev-root-token-id is the well-known '{DevelopmentOptions.StandardToken}': " +
                "choose a token of your own, or listen on 127.0.0.1");
        }
        var configuration = new ServerConfiguration
        {
            Listeners = [new ListenerConfiguration { Address = address }],
            Storage = new StorageConfiguration(StorageConfiguration.InMemory, ""),
            EnableUi = true,
            AuditDirectory = start.WorkingDirectory,
            IsDevelopment = true,
        };
        return EnvironmentOverrides.Apply(configuration, start.Environment);
    }

    /// <summary>Initializes, unseals, mounts <c>secret/</c>.</summary>
    public static async ValueTask PrepareAsync(RunningServer server, DevelopmentOptions options, CancellationToken cancellation)
    {
        VaultNode node = server.Node;
        InitResult init = await node.InitializeAsync(1, 1, options.RootToken, cancellation);
        server.RootToken = init.RootToken;
        server.UnsealKey = Convert.ToBase64String(init.Shares[0]);
        await node.UnsealAsync(init.Shares[0], cancellation);
        init.Wipe();
        if (node.Environment.Backends.Find(MountClass.Secret, "kv") is null)
            return;
        VaultResponse mounted = await node.HandleAsync(
            new VaultRequest
            {
                Id = RandomText.Uuid(),
                Operation = Operation.Update,
                Path = CanonicalPath.Of("sys/mounts/secret"),
                Token = init.RootToken,
                Data = new RequestData("""{"type":"kv","description":"key/value secret storage","options":{"version":"2"}}"""u8.ToArray()),
                RemoteAddress = IPAddress.Loopback,
            },
            cancellation);
        if (mounted.IsError)
            server.Log.Write(VaultLogLevel.Warning, $"secret/ could not be mounted: {string.Join("; ", mounted.Errors ?? [])}");
    }

    public static async Task AnnounceAsync(RunningServer server, TextWriter output)
    {
        string address = server.Addresses[0].GetLeftPart(UriPartial.Authority);
        var text = new StringBuilder();
        text.AppendLine("Candlefish Secrets development server. Everything is in memory and lost at exit: not for production.");
        text.AppendLine();
        text.AppendLine($"Api Address: {address}");
        text.AppendLine($"Unseal Key: {server.UnsealKey}");
        text.AppendLine($"Root Token: {server.RootToken}");
        text.AppendLine();
        text.AppendLine("Paste this into another terminal:");
        text.AppendLine();
        text.AppendLine($"  export VAULT_ADDR='{address}'");
        text.AppendLine($"  export VAULT_TOKEN='{server.RootToken}'");
        await output.WriteLineAsync(text);
        await output.FlushAsync();
    }
}
