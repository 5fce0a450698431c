using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Seals;

/// <summary>
/// One rekey in progress: a quorum of the old shares, then new shares for the same root key; with verification they count
/// only once a quorum of the new shares was given back.
/// </summary>
internal sealed class RekeyAttempt(int shares, int threshold, bool requiresVerification) : IDisposable
{
    private readonly ShareCollector _verification = new();

    public int Shares { get; } = shares;

    public int Threshold { get; } = threshold;

    public bool RequiresVerification { get; } = requiresVerification;

    public ShareQuorum Quorum { get; } = new();

    /// <summary>The new seal, waiting for verification; <see langword="null"/> before.</summary>
    public SealRecord? Pending { get; private set; }

    public string VerificationNonce { get; private set; } = "";

    public int VerificationProgress => _verification.Count;

    /// <summary>Makes the new shares. The caller hands them out once and zeroes them.</summary>
    public (SealRecord Record, byte[][] Shares) MakeShares(SealRecord current, SecretBuffer rootKey)
    {
        (byte[] sealedRootKey, byte[][] keyShares) = ShamirSeal.Protect(rootKey, Shares, Threshold);
        SealRecord record = current with { Shares = Shares, Threshold = Threshold, RootKey = sealedRootKey };
        if (RequiresVerification)
        {
            Pending = record;
            VerificationNonce = RandomText.Uuid();
        }
        return (record, keyShares);
    }

    /// <summary>Adds one of the new shares. True when they were proven to open the vault.</summary>
    public bool Verify(string? nonce, string? key)
    {
        if (Pending is not { } pending)
            throw RequestRefused.BadRequest("no rekey verification in progress");
        ShareQuorum.RequireNonce(nonce, VerificationNonce);
        byte[][]? enough = _verification.Add(ShareQuorum.Decode(key), pending.Threshold);
        if (enough is null)
            return false;
        using SecretBuffer? recovered = ShamirSeal.Recover(pending, enough);
        _verification.Clear();
        return recovered is not null ? true : throw RequestRefused.BadRequest("the new key shares given do not belong together: begin giving them again");
    }

    /// <summary>Forgets the new shares given so far; the attempt goes on under a new verification nonce.</summary>
    public void RestartVerification()
    {
        _verification.Clear();
        VerificationNonce = RandomText.Uuid();
    }

    public void Dispose()
    {
        Quorum.Dispose();
        _verification.Clear();
    }
}
