using System.Security.Cryptography;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>
/// Signs checkpoints: ECDSA on P-256 with SHA-256 (FIPS 186-5), signatures of 64 bytes (IEEE P1363). The private key is
/// kept in the barrier; whoever holds the public key can check a trail without the vault.
/// </summary>
internal sealed class AuditSigner : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _gate = new();

    private AuditSigner(ECDsa key)
    {
        _key = key;
        byte[] info = key.ExportSubjectPublicKeyInfo();
        PublicKey = Convert.ToBase64String(info);
        KeyId = IdOf(info);
    }

    /// <summary>SubjectPublicKeyInfo (RFC 5280), base64.</summary>
    public string PublicKey { get; }

    /// <summary>First 16 bytes of SHA-256 over the SubjectPublicKeyInfo, hex.</summary>
    public string KeyId { get; }

    /// <summary>A new private key, PKCS #8. The caller zeroes it.</summary>
    public static byte[] CreatePrivateKey()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKey();
    }

    public static AuditSigner FromPrivateKey(ReadOnlySpan<byte> pkcs8)
    {
        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(pkcs8, out _);
            return new AuditSigner(key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Signs the hash of a checkpoint line; 64 bytes.</summary>
    public byte[] Sign(ReadOnlySpan<byte> headHex)
    {
        byte[] message = MessageOf(Convert.FromHexString(System.Text.Encoding.ASCII.GetString(headHex)));
        lock (_gate)
            return _key.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    public static byte[] MessageOf(ReadOnlySpan<byte> hash) => [.. ChainLine.SignatureDomain, .. hash];

    public static string IdOf(ReadOnlySpan<byte> publicKeyInfo) => Convert.ToHexStringLower(SHA256.HashData(publicKeyInfo).AsSpan(0, 16));

    public void Dispose() => _key.Dispose();
}
