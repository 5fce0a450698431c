using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Candlefish.Secrets.Server.Configuration;
using Candlefish.Secrets.Vault;

namespace Candlefish.Secrets.Server.Tls;

/// <summary>Reads certificates and keys (PEM, RFC 7468). Key bytes are cleared after use.</summary>
internal static class CertificateFiles
{
    private const int MaxBytes = 1024 * 1024;

    private const UnixFileMode Forbidden = UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Certificate with key, its intermediates, and the authorities to name to clients.</summary>
    /// <exception cref="ServerStartException">Names the file and the next step.</exception>
    public static SslStreamCertificateContext LoadServer(TlsConfiguration configuration, TimeProvider time, IVaultLog log)
    {
        X509Certificate2Collection chain = LoadCertificates(configuration.CertificateFile);
        X509Certificate2 leaf = WithKey(configuration);
        if (leaf.NotAfter.ToUniversalTime() < time.GetUtcNow().UtcDateTime)
            log.Write(VaultLogLevel.Warning, $"certificate {configuration.CertificateFile} expired: clients will refuse the connection");
        chain.RemoveAt(0);
        SslCertificateTrust? trust = configuration.ClientCaFile is { } file
            ? SslCertificateTrust.CreateForX509Collection(LoadCertificates(file), sendTrustInHandshake: OperatingSystem.IsLinux())
            : null;
        return SslStreamCertificateContext.Create(leaf, chain, offline: true, trust);
    }

    /// <summary>Every certificate of a PEM file, at least one.</summary>
    /// <exception cref="ServerStartException">Missing, unreadable, or no certificates.</exception>
    public static X509Certificate2Collection LoadCertificates(string file)
    {
        byte[] pem = Read(file);
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Encoding.UTF8.GetString(pem));
        }
        catch (CryptographicException e)
        {
            throw new ServerStartException($"{file}: holds something that is no PEM certificate", e);
        }
        return certificates.Count > 0 ? certificates : throw new ServerStartException($"{file}: holds no PEM certificate");
    }

    private static X509Certificate2 WithKey(TlsConfiguration configuration)
    {
        CheckKeyMode(configuration.KeyFile);
        byte[] certificate = Read(configuration.CertificateFile);
        byte[] key = Read(configuration.KeyFile);
        char[] keyText = new char[Encoding.UTF8.GetMaxCharCount(key.Length)];
        try
        {
            int length = Encoding.UTF8.GetChars(key, keyText);
            if (keyText.AsSpan(0, length).Contains("ENCRYPTED", StringComparison.Ordinal))
                throw new ServerStartException($"{configuration.KeyFile}: the private key is encrypted: give an unencrypted key that only this user can read");
            return X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(certificate), keyText.AsSpan(0, length));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ServerStartException($"{configuration.KeyFile}: no private key in PEM form that belongs to the first certificate of {configuration.CertificateFile}", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            keyText.AsSpan().Clear();
        }
    }

    // Group read is allowed: that is how Kubernetes mounts a key for a user that is not root.
    private static void CheckKeyMode(string file)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(file))
            return;
        UnixFileMode mode = File.GetUnixFileMode(file);
        if ((mode & Forbidden) != 0)
            throw new ServerStartException($"{file}: the private key has mode 0{Convert.ToString((int)mode, 8).PadLeft(3, '0')}, others may read or change it: chmod 0600 {file}, and replace the key if someone may have read it");
    }

    private static byte[] Read(string file)
    {
        try
        {
            var info = new FileInfo(file);
            if (info.Exists && info.Length > MaxBytes)
                throw new ServerStartException($"{file}: larger than {MaxBytes} bytes: this is no PEM file");
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ServerStartException($"{file}: cannot be read: {e.Message}", e);
        }
    }
}
