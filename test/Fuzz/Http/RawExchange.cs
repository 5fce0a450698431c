using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Candlefish.Secrets.Tests.Fuzz.Http;

/// <summary>Bytes to the server, what came back, and whether the server let go of the connection in time.</summary>
internal readonly record struct RawExchange(string Answer, bool IsClosed)
{
    /// <summary>Silence after which the sender says that it has nothing more to send.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(150);

    /// <summary>
    /// Sends, reads until the server closes, and after some silence ends its own side. Then the server has to close within
    /// the limit: it can wait for nothing any more.
    /// </summary>
    public static async Task<RawExchange> RunAsync(Uri server, byte[] bytes, TimeSpan limit)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new LingerOption(true, 0) };
        var answer = new StringBuilder();
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, server.Port);
            Task sending = SendAsync(socket, bytes);
            bool isClosed = await ReadAsync(socket, answer, Quiet);
            if (!isClosed)
            {
                await Task.WhenAny(sending, Task.Delay(limit));
                socket.Shutdown(SocketShutdown.Send);
                isClosed = await ReadAsync(socket, answer, limit);
            }
            return new RawExchange(answer.ToString(), isClosed);
        }
        catch (SocketException)
        {
            // The server reset the connection, which closes it.
            return new RawExchange(answer.ToString(), true);
        }
    }

    /// <summary>Statuses of all answers.</summary>
    public IEnumerable<int> Statuses =>
        Answer.Split("HTTP/1.1 ").Skip(1).Select(a => a.Length >= 3 && int.TryParse(a.AsSpan(0, 3), System.Globalization.CultureInfo.InvariantCulture, out int status) ? status : 0);

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
                bytes = bytes[await socket.SendAsync(bytes)..];
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server had read enough and refused.
        }
    }

    // False: nothing came for the time.
    private static async Task<bool> ReadAsync(Socket socket, StringBuilder answer, TimeSpan quiet)
    {
        byte[] buffer = new byte[16 * 1024];
        while (true)
        {
            using var limit = new CancellationTokenSource(quiet);
            try
            {
                int read = await socket.ReceiveAsync(buffer, limit.Token);
                if (read == 0)
                    return true;
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }
}
