using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Candlefish.Secrets.Tests.Support;

/// <summary>A certificate authority of a test, and what it issues, as PEM files in a directory.</summary>
public sealed class TestCertificates : IDisposable
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly string _directory;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TestCertificates(string directory, string name = "test-ca")
    {
        _directory = directory;
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        Authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        AuthorityFile = Path.Join(directory, name + ".pem");
        File.WriteAllText(AuthorityFile, Authority.ExportCertificatePem());
    }

    public X509Certificate2 Authority { get; }

    public string AuthorityFile { get; }

    /// <summary>Writes <c>NAME.pem</c> and <c>NAME.key</c> (mode 0600) for 127.0.0.1 and localhost.</summary>
    public (string Certificate, string Key) IssueServer(string name) => Issue(name, ServerAuthentication, DateTimeOffset.UtcNow.AddDays(20));

    /// <summary>A client certificate; <paramref name="days"/> may be negative for one that is expired.</summary>
    public (string Certificate, string Key) IssueClient(string name, double days = 20) => Issue(name, ClientAuthentication, DateTimeOffset.UtcNow.AddDays(days));

    public void Dispose()
    {
        _key.Dispose();
        Authority.Dispose();
    }

    private (string Certificate, string Key) Issue(string name, Oid usage, DateTimeOffset notAfter)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([usage], false));
        using X509Certificate2 certificate = request.Create(Authority, Authority.NotBefore.ToUniversalTime(), notAfter, RandomNumberGenerator.GetBytes(12));
        string certificateFile = Path.Join(_directory, name + ".pem");
        string keyFile = Path.Join(_directory, name + ".key");
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return (certificateFile, keyFile);
    }
}
