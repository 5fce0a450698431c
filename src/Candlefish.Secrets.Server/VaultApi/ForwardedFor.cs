using System.Net;
using Candlefish.Secrets.Server.Configuration;
using Candlefish.Secrets.Vault.Requests;
using Microsoft.AspNetCore.Http;

namespace Candlefish.Secrets.Server.VaultApi;

/// <summary>
/// The client's address behind trusted proxies (<c>X-Forwarded-For</c>, read from the right). Without configuration the
/// header means nothing: anyone could write it.
/// </summary>
internal static class ForwardedFor
{
    private const string Header = "X-Forwarded-For";

    /// <exception cref="RequestRefused">400: the listener refuses this connection, or the header holds no address.</exception>
    public static IPAddress? ClientOf(HttpContext http, ForwardedForConfiguration? configuration)
    {
        IPAddress? peer = http.Connection.RemoteIpAddress;
        if (configuration is null || peer is null)
            return peer;
        if (!IsProxy(configuration, peer))
        {
            return configuration.RejectNotAuthorized
                ? throw RequestRefused.BadRequest("client address not authorized for x-forwarded-for and reject configured on connection")
                : peer;
        }
        string[] hops = [.. http.Request.Headers[Header].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        if (hops.Length == 0)
        {
            return configuration.RejectNotPresent
                ? throw RequestRefused.BadRequest("missing x-forwarded-for header and configured to reject when not present")
                : peer;
        }
        if (configuration.HopSkips >= hops.Length)
            throw RequestRefused.BadRequest("malformed x-forwarded-for configuration or request: fewer hops than x_forwarded_for_hop_skips");
        return IPAddress.TryParse(hops[^(configuration.HopSkips + 1)], out IPAddress? client)
            ? client
            : throw RequestRefused.BadRequest("malformed x-forwarded-for header: not an address");
    }

    private static bool IsProxy(ForwardedForConfiguration configuration, IPAddress peer)
    {
        IPAddress plain = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        foreach (IPNetwork network in configuration.Proxies)
        {
            if (network.Contains(plain))
                return true;
        }
        return false;
    }
}
