using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Candlefish.Secrets.Vault.Audit;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Audit.Syslog;

/// <summary>Sends each line to the local syslog as <c>&lt;PRI&gt;TAG[PID]: LINE</c> (RFC 3164 §4.1, severity informational).</summary>
/// <remarks>
/// Options: <c>facility</c> (default AUTH), <c>tag</c> (default candlefish-secrets), <c>address</c> (Unix datagram socket,
/// default /dev/log). Lines longer than 60,000 bytes are shortened: their data is hashed as a whole.
/// </remarks>
internal sealed class SyslogAuditDevice : IAuditDevice
{
    private const int Informational = 6;

    private readonly UnixDomainSocketEndPoint _target;
    private readonly byte[] _before;
    private System.Net.Sockets.Socket _socket;

    private SyslogAuditDevice(UnixDomainSocketEndPoint target, byte[] before, System.Net.Sockets.Socket socket)
    {
        _target = target;
        _before = before;
        _socket = socket;
    }

    public string Type => "syslog";

    public int MaxLineBytes => DatagramLines.MaxLineBytes;

    public static async ValueTask<IAuditDevice> OpenAsync(AuditDeviceOptions options, CancellationToken cancellation)
    {
        var reader = new DeviceOptionReader("syslog", options.Options);
        string facilityName = reader.Text("facility");
        string tag = reader.Text("tag");
        string address = reader.Text("address");
        reader.End();
        int facility = facilityName.Length == 0 ? Facilities["AUTH"] : FacilityOf(facilityName);
        if (tag.Length == 0)
            tag = "candlefish-secrets";
        if (tag.Length > 32 || tag.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            throw RequestRefused.BadRequest("the option 'tag' of a syslog device must be 1 to 32 letters, digits, '-', '_' or '.'");
        if (address.Length == 0)
            address = "/dev/log";
        if (!address.StartsWith('/') || address.Length > 100)
            throw RequestRefused.BadRequest("the option 'address' of a syslog device must be the absolute path of a Unix socket");
        var target = new UnixDomainSocketEndPoint(address);
        string before = string.Create(CultureInfo.InvariantCulture, $"<{(facility * 8) + Informational}>{tag}[{Environment.ProcessId}]: ");
        return new SyslogAuditDevice(target, Encoding.ASCII.GetBytes(before), await ConnectAsync(target, cancellation));
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation) =>
        DatagramLines.SendAsync(_socket, _before, lines, cancellation);

    public async ValueTask ReopenAsync(CancellationToken cancellation)
    {
        _socket.Dispose();
        _socket = await ConnectAsync(_target, cancellation);
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async ValueTask<System.Net.Sockets.Socket> ConnectAsync(UnixDomainSocketEndPoint target, CancellationToken cancellation)
    {
        var socket = new System.Net.Sockets.Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(target, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static int FacilityOf(string name) => Facilities.TryGetValue(name, out int code)
        ? code
        : throw RequestRefused.BadRequest($"the option 'facility' of a syslog device must be one of: {string.Join(", ", Facilities.Keys)}");

    // RFC 3164 §4.1.1
    private static readonly Dictionary<string, int> Facilities = new(StringComparer.OrdinalIgnoreCase)
    {
        ["KERN"] = 0, ["USER"] = 1, ["MAIL"] = 2, ["DAEMON"] = 3, ["AUTH"] = 4, ["SYSLOG"] = 5, ["LPR"] = 6, ["NEWS"] = 7,
        ["UUCP"] = 8, ["CRON"] = 9, ["AUTHPRIV"] = 10, ["FTP"] = 11, ["LOCAL0"] = 16, ["LOCAL1"] = 17, ["LOCAL2"] = 18,
        ["LOCAL3"] = 19, ["LOCAL4"] = 20, ["LOCAL5"] = 21, ["LOCAL6"] = 22, ["LOCAL7"] = 23,
    };
}
