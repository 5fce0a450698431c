using System.Net;

namespace Candlefish.Secrets.Vault.Audit.Entries;

/// <summary>
/// An attempt at one of the paths that need no unsealed vault (init, unseal …): kept in memory while there are no keys to
/// audit with, written when there are.
/// </summary>
/// <param name="Error">Client text of the refusal; empty when it was none. Never holds a value.</param>
internal sealed record NodeAttempt(DateTimeOffset Time, string RequestId, string Path, IPAddress? RemoteAddress, int Status, string Error);

/// <summary>Attempts made while the vault was sealed. Bounded: the first and the number of all are kept. Thread-safe.</summary>
internal sealed class SealedAttempts
{
    private const int Kept = 256;

    private readonly Lock _gate = new();
    private readonly List<NodeAttempt> _attempts = [];
    private long _dropped;

    public void Add(NodeAttempt attempt)
    {
        lock (_gate)
        {
            if (_attempts.Count < Kept)
                _attempts.Add(attempt);
            else
                _dropped++;
        }
    }

    /// <summary>Hands out what was kept and begins anew.</summary>
    public (IReadOnlyList<NodeAttempt> Attempts, long Dropped) Take()
    {
        lock (_gate)
        {
            (IReadOnlyList<NodeAttempt>, long) taken = ([.. _attempts], _dropped);
            _attempts.Clear();
            _dropped = 0;
            return taken;
        }
    }
}

/// <summary>Renders entries of type <c>event</c>: what the node did, as opposed to what a client asked the vault for.</summary>
internal static class NodeEvent
{
    public static ReadOnlySpan<byte> Plain(AuditBuffer buffer, DateTimeOffset now, string kind, string device = "")
    {
        Begin(buffer, now, kind);
        if (device.Length > 0)
        {
            buffer.AppendName("device");
            buffer.AppendString(device);
        }
        buffer.Append((byte)'}');
        return buffer.Written;
    }

    public static ReadOnlySpan<byte> Attempt(AuditBuffer buffer, DateTimeOffset now, NodeAttempt attempt)
    {
        Begin(buffer, now, "node-request");
        buffer.AppendName("attempt");
        Append(buffer, attempt);
        buffer.Append((byte)'}');
        return buffer.Written;
    }

    public static ReadOnlySpan<byte> Unsealed(AuditBuffer buffer, DateTimeOffset now, IReadOnlyList<NodeAttempt> attempts, long dropped)
    {
        Begin(buffer, now, "unseal");
        buffer.AppendName("attempts");
        buffer.Append((byte)'[');
        foreach (NodeAttempt attempt in attempts)
            Append(buffer, attempt);
        buffer.Append((byte)']');
        buffer.AppendName("attempts_not_kept");
        buffer.Append(dropped);
        buffer.Append((byte)'}');
        return buffer.Written;
    }

    private static void Begin(AuditBuffer buffer, DateTimeOffset now, string kind)
    {
        buffer.Clear();
        buffer.Append("{\"time\":"u8);
        buffer.AppendTime(now);
        buffer.Append(",\"type\":\"event\",\"event\":{\"kind\":"u8);
        buffer.AppendString(kind);
    }

    private static void Append(AuditBuffer buffer, NodeAttempt attempt)
    {
        buffer.AppendComma();
        buffer.Append("{\"time\":"u8);
        buffer.AppendTime(attempt.Time);
        buffer.AppendName("id");
        buffer.AppendString(attempt.RequestId);
        buffer.AppendName("path");
        buffer.AppendString(attempt.Path);
        if (attempt.RemoteAddress is { } address)
        {
            buffer.AppendName("remote_address");
            buffer.AppendString(address.ToString());
        }
        buffer.AppendName("status");
        buffer.Append(attempt.Status);
        if (attempt.Error.Length > 0)
        {
            buffer.AppendName("error");
            buffer.AppendString(attempt.Error);
        }
        buffer.Append((byte)'}');
    }
}
