using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Candlefish.Secrets.Tests.Support;

/// <summary>A connection that sends exactly the bytes it is told to, for what no well-behaved client would send.</summary>
public sealed class RawHttp : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TcpClient _tcp = new() { NoDelay = true };

    private RawHttp()
    {
    }

    public static async Task<RawHttp> ConnectAsync(Uri server)
    {
        var raw = new RawHttp();
        await raw._tcp.ConnectAsync(IPAddress.Loopback, server.Port);
        return raw;
    }

    /// <summary>Sends the text (one byte per character) and reads until the server closes, or says nothing for <paramref name="quiet"/>.</summary>
    public static async Task<string> ExchangeAsync(Uri server, string text, TimeSpan? quiet = null)
    {
        using RawHttp raw = await ConnectAsync(server);
        await raw.SendAsync(text);
        return await raw.ReadAsync(quiet ?? TimeSpan.FromMilliseconds(700));
    }

    public async Task SendAsync(string text) => await _tcp.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _tcp.GetStream().WriteAsync(bytes);

    /// <summary>What came until the server closed or was quiet.</summary>
    public async Task<string> ReadAsync(TimeSpan quiet)
    {
        var all = new StringBuilder();
        byte[] buffer = new byte[16 * 1024];
        while (true)
        {
            using var limit = new CancellationTokenSource(all.Length == 0 ? Patience : quiet);
            try
            {
                int read = await _tcp.GetStream().ReadAsync(buffer, limit.Token);
                if (read == 0)
                    return all.ToString();
                all.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
            catch (OperationCanceledException)
            {
                return all.ToString();
            }
            catch (IOException)
            {
                return all.ToString();
            }
        }
    }

    /// <summary>The server has closed the connection within the time.</summary>
    public async Task<bool> IsClosedWithinAsync(TimeSpan time)
    {
        using var limit = new CancellationTokenSource(time);
        byte[] buffer = new byte[1024];
        try
        {
            while (await _tcp.GetStream().ReadAsync(buffer, limit.Token) > 0)
            {
            }
            return true;
        }
        catch (IOException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Statuses of all answers in what was read.</summary>
    public static IReadOnlyList<int> StatusesOf(string answer) =>
        [.. answer.Split("HTTP/1.1 ").Skip(1).Select(a => int.Parse(a.AsSpan(0, 3), System.Globalization.CultureInfo.InvariantCulture))];

    public void Dispose() => _tcp.Dispose();
}
