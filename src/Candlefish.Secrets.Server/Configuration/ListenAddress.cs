using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Candlefish.Secrets.Server.Configuration;

/// <summary>HOST:PORT to listen on: an IP address, a host name, or nothing for all addresses (<c>:8200</c>).</summary>
public readonly record struct ListenAddress
{
    private ListenAddress(string host, int port)
    {
        Host = host;
        Port = port;
    }

    /// <summary>Without brackets; empty = every address.</summary>
    public string Host { get; }

    public int Port { get; }

    /// <summary>Only this machine can connect. A host name other than <c>localhost</c> counts as reachable.</summary>
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>Parses <c>127.0.0.1:8200</c>, <c>[::1]:8200</c>, <c>:8200</c>, <c>localhost:8200</c>; a missing port is <paramref name="standardPort"/>.</summary>
    public static bool TryParse(string text, out ListenAddress address, int standardPort = 8200)
    {
        address = default;
        string host = text;
        int port = standardPort;
        int colon = text.LastIndexOf(':');
        bool isBareIPv6 = colon >= 0 && text.IndexOf(':', StringComparison.Ordinal) != colon && !text.StartsWith('[');
        if (colon >= 0 && !isBareIPv6 && text[^1] != ']')
        {
            host = text[..colon];
            if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > ushort.MaxValue)
                return false;
        }
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
            if (!IPAddress.TryParse(host, out IPAddress? v6) || v6.AddressFamily != AddressFamily.InterNetworkV6)
                return false;
        }
        if (host.Length > 0 && Uri.CheckHostName(host) == UriHostNameType.Unknown)
            return false;
        address = new ListenAddress(host, port);
        return true;
    }

    /// <summary>The socket addresses to bind.</summary>
    /// <exception cref="ServerStartException">The host name is unknown.</exception>
    public IReadOnlyList<IPEndPoint> Resolve()
    {
        if (Host.Length == 0)
            return [new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, Port)];
        if (IPAddress.TryParse(Host, out IPAddress? literal))
            return [new IPEndPoint(literal, Port)];
        if (Host == "localhost")
            return [new IPEndPoint(IPAddress.Loopback, Port)];
        try
        {
            return [new IPEndPoint(Dns.GetHostAddresses(Host)[0], Port)];
        }
        catch (SocketException e)
        {
            throw new ServerStartException($"the listener address {this} does not resolve: give an IP address of this machine", e);
        }
    }

    /// <summary>The host that a client on this machine uses for a bound address.</summary>
    public static string ClientHost(IPAddress bound)
    {
        if (bound.Equals(IPAddress.Any) || bound.Equals(IPAddress.IPv6Any))
            return "127.0.0.1";
        return bound.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{bound}]" : bound.ToString();
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}
