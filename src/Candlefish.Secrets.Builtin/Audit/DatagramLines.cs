using System.Net.Sockets;

namespace Candlefish.Secrets.Builtin.Audit;

/// <summary>Sends each line as one datagram.</summary>
internal static class DatagramLines
{
    /// <summary>Longest line that fits a datagram everywhere, the text before it included.</summary>
    public const int MaxLineBytes = 60_000;

    /// <summary>Sends the lines, each behind <paramref name="before"/> and without its line feed.</summary>
    public static async ValueTask SendAsync(System.Net.Sockets.Socket socket, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        byte[] datagram = new byte[before.Length + Math.Min(lines.Length, MaxLineBytes)];
        before.CopyTo(datagram);
        while (!lines.IsEmpty)
        {
            int feed = lines.Span.IndexOf((byte)'\n');
            int length = feed < 0 ? lines.Length : feed;
            if (length > MaxLineBytes)
                throw new SocketException((int)SocketError.MessageSize);
            lines[..length].CopyTo(datagram.AsMemory(before.Length));
            await socket.SendAsync(datagram.AsMemory(0, before.Length + length), SocketFlags.None, cancellation);
            lines = lines[Math.Min(length + 1, lines.Length)..];
        }
    }
}
