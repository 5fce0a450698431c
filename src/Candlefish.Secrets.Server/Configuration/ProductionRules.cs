namespace Candlefish.Secrets.Server.Configuration;

/// <summary>What a server that others can reach must not do without TLS.</summary>
internal static class ProductionRules
{
    private const string Production = "production";

    /// <summary>Refuses a public listener without TLS in production; elsewhere one warning line.</summary>
    public static void Check(ServerConfiguration configuration, List<string> warnings)
    {
        if (configuration.Listeners.Any(l => l.UnauthenticatedMetrics) && !configuration.Listeners.All(l => l.UnauthenticatedMetrics))
            warnings.Add("unauthenticated_metrics_access has no effect: it is not set on every listener");
        foreach (ListenerConfiguration listener in configuration.Listeners)
        {
            if (listener.UnauthenticatedRekey)
                warnings.Add($"listener {listener.Address}: rekey and generate-root can be driven by key shares without a token (disable_unauthed_rekey_endpoints = false)");
            if (listener.Tls is not null || listener.Address.IsLoopback)
                continue;
            if (configuration.EnvironmentName == Production)
            {
                throw new ServerStartException(
                    $"listener {listener.Address}: tls_disable is set on an address that other machines reach, and the environment is production: " +
                    "set tls_cert_file and tls_key_file, or listen on 127.0.0.1 behind a TLS proxy on this machine");
            }
            warnings.Add($"listener {listener.Address}: tls_disable sends every token and secret readable over the network; it is refused in production");
        }
        if (configuration.EnvironmentName == Production && configuration.Storage.Type == StorageConfiguration.InMemory)
            warnings.Add("storage \"inmem\" loses everything when the process ends");
    }
}
