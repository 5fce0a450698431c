using System.Security.Cryptography;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Seals;

/// <summary>
/// Proves that enough holders of the current shares agree: collects shares under a nonce and checks that together they
/// open the root key of the running vault.
/// </summary>
internal sealed class ShareQuorum : IDisposable
{
    private readonly ShareCollector _shares = new();

    public string Nonce { get; } = RandomText.Uuid();

    public int Progress => _shares.Count;

    /// <summary>
    /// Adds one share. True when the quorum is complete. A wrong set is forgotten and refused, so that nobody can spoil
    /// the attempt of others for good.
    /// </summary>
    public bool Add(string? nonce, string? key, SealRecord record, SecurityBarrier barrier)
    {
        RequireNonce(nonce, Nonce);
        byte[] share = Decode(key);
        byte[][]? enough = _shares.Add(share, record.Threshold);
        if (enough is null)
            return false;
        using SecretBuffer? recovered = ShamirSeal.Recover(record, enough);
        _shares.Clear();
        using SecretBuffer running = barrier.CopyRootKey();
        bool isRight = recovered is not null && recovered.Use(running, static (a, other) => other.Verify(a));
        return isRight ? true : throw RequestRefused.BadRequest("the key shares given do not belong together or to this vault: begin giving them again");
    }

    public void Dispose() => _shares.Clear();

    public static void RequireNonce(string? given, string expected)
    {
        if (!CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(given ?? ""), System.Text.Encoding.UTF8.GetBytes(expected)))
            throw RequestRefused.BadRequest("incorrect nonce supplied: use the nonce that the start of this operation answered");
    }

    public static byte[] Decode(string? key)
    {
        if (string.IsNullOrEmpty(key))
            throw RequestRefused.BadRequest("'key' must be specified in request body as JSON");
        return ShareText.Decode(key) ?? throw RequestRefused.BadRequest("'key' must be a valid hex or base64 string");
    }
}
