using System.Net;
using System.Net.Sockets;
using Candlefish.Secrets.Vault.Audit;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Audit.Socket;

/// <summary>Sends lines to a collector: TCP and Unix stream sockets as a stream of lines, UDP as one datagram per line.</summary>
/// <remarks>
/// Options: <c>address</c> (HOST:PORT, or the path of a Unix socket), <c>socket_type</c> (tcp, udp, unix),
/// <c>write_timeout</c> (default and most 2 s). UDP cannot tell whether anyone listens: never use it as the only device.
/// </remarks>
internal sealed class SocketAuditDevice : IAuditDevice
{
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromSeconds(2);

    private readonly EndPoint _target;
    private readonly SocketType _kind;
    private readonly TimeSpan _timeout;
    private System.Net.Sockets.Socket _socket;

    private SocketAuditDevice(EndPoint target, SocketType kind, TimeSpan timeout, System.Net.Sockets.Socket socket)
    {
        _target = target;
        _kind = kind;
        _timeout = timeout;
        _socket = socket;
    }

    public string Type => "socket";

    public int MaxLineBytes => _kind == SocketType.Dgram ? DatagramLines.MaxLineBytes : int.MaxValue;

    public static async ValueTask<IAuditDevice> OpenAsync(AuditDeviceOptions options, CancellationToken cancellation)
    {
        var reader = new DeviceOptionReader("socket", options.Options);
        string address = reader.Text("address");
        string type = reader.OneOf("socket_type", "tcp", "udp", "unix");
        TimeSpan timeout = reader.Duration("write_timeout", MaxTimeout, MaxTimeout);
        reader.End();
        EndPoint target = TargetOf(address, type);
        SocketType kind = type == "udp" ? SocketType.Dgram : SocketType.Stream;
        return new SocketAuditDevice(target, kind, timeout, await ConnectAsync(target, kind, timeout, cancellation));
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_timeout);
        if (_kind == SocketType.Dgram)
        {
            await DatagramLines.SendAsync(_socket, ReadOnlyMemory<byte>.Empty, lines, limit.Token);
            return;
        }
        // A collector never answers: something to read means that it has closed.
        if (_socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))
            throw new IOException("the collector closed the connection");
        while (!lines.IsEmpty)
            lines = lines[await _socket.SendAsync(lines, SocketFlags.None, limit.Token)..];
    }

    public async ValueTask ReopenAsync(CancellationToken cancellation)
    {
        _socket.Dispose();
        _socket = await ConnectAsync(_target, _kind, _timeout, cancellation);
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private static EndPoint TargetOf(string address, string type)
    {
        if (address.Length == 0)
            throw RequestRefused.BadRequest("the option 'address' of a socket device is missing");
        if (type == "unix")
        {
            return address.StartsWith('/') && address.Length <= 100
                ? new UnixDomainSocketEndPoint(address)
                : throw RequestRefused.BadRequest("the option 'address' of a unix socket device must be the absolute path of the socket");
        }
        if (IPEndPoint.TryParse(address, out IPEndPoint? ip) && ip.Port > 0)
            return ip;
        int colon = address.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(address.AsSpan(colon + 1), out ushort port) && port > 0 && Uri.CheckHostName(address[..colon]) != UriHostNameType.Unknown
            ? new DnsEndPoint(address[..colon], port)
            : throw RequestRefused.BadRequest("the option 'address' of a socket device must be HOST:PORT");
    }

    private static async ValueTask<System.Net.Sockets.Socket> ConnectAsync(EndPoint target, SocketType kind, TimeSpan timeout, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        System.Net.Sockets.Socket socket = target is UnixDomainSocketEndPoint
            ? new System.Net.Sockets.Socket(AddressFamily.Unix, kind, ProtocolType.Unspecified)
            : target is DnsEndPoint
                ? new System.Net.Sockets.Socket(kind, kind == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp)
                : new System.Net.Sockets.Socket(target.AddressFamily, kind, kind == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(target, limit.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
