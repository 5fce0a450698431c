using System.Net;
using System.Net.Sockets;
using System.Text;
using Candlefish.Secrets.Builtin;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Audit;

namespace Candlefish.Secrets.Tests.Contract;

public sealed class FileAuditDeviceContract : AuditDeviceContract
{
    private readonly TemporaryDirectory _directory = new();

    protected override Dictionary<string, string> Options => new() { ["file_path"] = _directory["audit.log"] };

    protected override ValueTask<IAuditDevice> OpenAsync(IReadOnlyDictionary<string, string> options) => Devices.OpenAsync("file", options, _directory.Path);

    protected override Task<IReadOnlyList<string>> ReceivedAsync(int count) =>
        Task.FromResult<IReadOnlyList<string>>(File.ReadAllLines(_directory["audit.log"]));

    protected override void Break() => File.Delete(_directory["audit.log"]);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }
}

public sealed class SyncingFileAuditDeviceContract : AuditDeviceContract
{
    private readonly TemporaryDirectory _directory = new();

    protected override Dictionary<string, string> Options => new() { ["path"] = _directory["audit.log"], ["sync"] = "always", ["mode"] = "0600" };

    protected override ValueTask<IAuditDevice> OpenAsync(IReadOnlyDictionary<string, string> options) => Devices.OpenAsync("file", options, _directory.Path);

    protected override Task<IReadOnlyList<string>> ReceivedAsync(int count) =>
        Task.FromResult<IReadOnlyList<string>>(File.ReadAllLines(_directory["audit.log"]));

    protected override void Break() => File.Delete(_directory["audit.log"]);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }
}

public sealed class SyslogAuditDeviceContract : AuditDeviceContract
{
    private readonly TemporaryDirectory _directory = new();
    private Receiver? _receiver;

    private Receiver Other => _receiver ??= Receiver.OfDatagrams(new UnixDomainSocketEndPoint(_directory["log"]), AddressFamily.Unix, ProtocolType.Unspecified);

    protected override Dictionary<string, string> Options
    {
        get
        {
            _ = Other;
            return new() { ["address"] = _directory["log"], ["facility"] = "LOCAL0", ["tag"] = "candlefish" };
        }
    }

    protected override ValueTask<IAuditDevice> OpenAsync(IReadOnlyDictionary<string, string> options) => Devices.OpenAsync("syslog", options, "");

    protected override async Task<IReadOnlyList<string>> ReceivedAsync(int count)
    {
        string before = $"<134>candlefish[{Environment.ProcessId}]: ";
        return [.. (await Other.DatagramsAsync(count)).Select(d => d.StartsWith(before, StringComparison.Ordinal) ? d[before.Length..] : "unexpected start: " + d)];
    }

    protected override void Break() => Other.Dispose();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Other.Dispose();
        _directory.Dispose();
    }
}

public sealed class SocketAuditDeviceContract : AuditDeviceContract
{
    private readonly Receiver _receiver = Receiver.OfStream(new IPEndPoint(IPAddress.Loopback, 0), AddressFamily.InterNetwork, ProtocolType.Tcp);

    protected override Dictionary<string, string> Options => new() { ["address"] = _receiver.Address, ["socket_type"] = "tcp", ["write_timeout"] = "1s" };

    protected override ValueTask<IAuditDevice> OpenAsync(IReadOnlyDictionary<string, string> options) => Devices.OpenAsync("socket", options, "");

    protected override Task<IReadOnlyList<string>> ReceivedAsync(int count) => _receiver.LinesAsync(count);

    protected override void Break() => _receiver.Dispose();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _receiver.Dispose();
    }
}

public sealed class UnixSocketAuditDeviceContract : AuditDeviceContract
{
    private readonly TemporaryDirectory _directory = new();
    private Receiver? _receiver;

    private Receiver Other => _receiver ??= Receiver.OfStream(new UnixDomainSocketEndPoint(_directory["collector"]), AddressFamily.Unix, ProtocolType.Unspecified);

    protected override Dictionary<string, string> Options
    {
        get
        {
            _ = Other;
            return new() { ["address"] = _directory["collector"], ["socket_type"] = "unix" };
        }
    }

    protected override ValueTask<IAuditDevice> OpenAsync(IReadOnlyDictionary<string, string> options) => Devices.OpenAsync("socket", options, "");

    protected override Task<IReadOnlyList<string>> ReceivedAsync(int count) => Other.LinesAsync(count);

    protected override void Break() => Other.Dispose();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Other.Dispose();
        _directory.Dispose();
    }
}

internal static class Devices
{
    public static ValueTask<IAuditDevice> OpenAsync(string type, IReadOnlyDictionary<string, string> options, string directory)
    {
        AuditDeviceFactory factory = Builtins.AuditDevices().Find(type) ?? throw new InvalidOperationException($"no audit device {type}");
        return factory(new AuditDeviceOptions(type + "/", options, directory), CancellationToken.None);
    }
}

/// <summary>The other end of a socket.</summary>
internal sealed class Receiver : IDisposable
{
    private readonly Socket _socket;
    private readonly MemoryStream _stream = new();
    private readonly List<string> _datagrams = [];
    private readonly List<Socket> _clients = [];

    private Receiver(EndPoint end, AddressFamily family, SocketType kind, ProtocolType protocol)
    {
        _socket = new Socket(family, kind, protocol);
        _socket.Bind(end);
    }

    public string Address => _socket.LocalEndPoint?.ToString() ?? "";

    public static Receiver OfStream(EndPoint end, AddressFamily family, ProtocolType protocol)
    {
        var receiver = new Receiver(end, family, SocketType.Stream, protocol);
        receiver._socket.Listen();
        _ = receiver.AcceptAsync();
        return receiver;
    }

    public static Receiver OfDatagrams(EndPoint end, AddressFamily family, ProtocolType protocol)
    {
        var receiver = new Receiver(end, family, SocketType.Dgram, protocol);
        _ = receiver.ReceiveDatagramsAsync();
        return receiver;
    }

    public async Task<IReadOnlyList<string>> LinesAsync(int count)
    {
        string[] lines = [];
        for (int i = 0; i < 200 && lines.Length < count; i++)
        {
            await Task.Delay(10);
            lock (_stream)
                lines = Encoding.UTF8.GetString(_stream.ToArray()).Split('\n')[..^1];
        }
        return lines;
    }

    public async Task<IReadOnlyList<string>> DatagramsAsync(int count)
    {
        for (int i = 0; i < 200; i++)
        {
            lock (_datagrams)
            {
                if (_datagrams.Count >= count)
                    return [.. _datagrams];
            }
            await Task.Delay(10);
        }
        lock (_datagrams)
            return [.. _datagrams];
    }

    public void Dispose()
    {
        _socket.Dispose();
        lock (_clients)
        {
            foreach (Socket client in _clients)
                client.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _socket.AcceptAsync();
                lock (_clients)
                    _clients.Add(client);
                _ = ReceiveStreamAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed.
            return;
        }
    }

    private async Task ReceiveStreamAsync(Socket client)
    {
        byte[] buffer = new byte[65_536];
        try
        {
            while (await client.ReceiveAsync(buffer) is > 0 and var read)
            {
                lock (_stream)
                    _stream.Write(buffer, 0, read);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed.
            return;
        }
    }

    private async Task ReceiveDatagramsAsync()
    {
        byte[] buffer = new byte[65_536];
        try
        {
            while (true)
            {
                int read = await _socket.ReceiveAsync(buffer);
                lock (_datagrams)
                    _datagrams.Add(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed.
            return;
        }
    }
}
