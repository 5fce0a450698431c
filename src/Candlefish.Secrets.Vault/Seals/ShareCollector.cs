using System.Security.Cryptography;

namespace Candlefish.Secrets.Vault.Seals;

/// <summary>
/// Collects key shares until there are enough. The same share twice counts once. Zeroed when cleared. Thread-safe.
/// </summary>
internal sealed class ShareCollector
{
    private readonly Lock _gate = new();
    private readonly List<byte[]> _shares = [];

    /// <summary>Ties the shares of one attempt together; empty while there are none.</summary>
    public string Nonce { get; private set; } = "";

    public int Count
    {
        get
        {
            lock (_gate)
                return _shares.Count;
        }
    }

    /// <summary>Adds a share (owned from now on). Returns all shares once there are <paramref name="threshold"/>, else <see langword="null"/>.</summary>
    public byte[][]? Add(byte[] share, int threshold)
    {
        lock (_gate)
        {
            if (_shares.Exists(s => CryptographicOperations.FixedTimeEquals(s, share)))
            {
                CryptographicOperations.ZeroMemory(share);
                return null;
            }
            if (_shares.Count == 0)
                Nonce = Guid.NewGuid().ToString();
            _shares.Add(share);
            return _shares.Count >= threshold ? [.. _shares] : null;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            foreach (byte[] share in _shares)
                CryptographicOperations.ZeroMemory(share);
            _shares.Clear();
            Nonce = "";
        }
    }
}
