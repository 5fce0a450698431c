using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using Candlefish.Secrets.Server.Configuration;
using Candlefish.Secrets.Vault;

namespace Candlefish.Secrets.Server.Tls;

/// <summary>
/// Certificate, key and client authorities of a listener, in the form that a handshake uses. Changed files are noticed every
/// 30 s and on SIGHUP; new connections see them, running ones keep what they have. Thread-safe.
/// </summary>
/// <remarks>
/// TLS 1.2 offers ECDHE with AES-GCM or ChaCha20-Poly1305 only (RFC 9325 §4.2); renegotiation is off. The replaced
/// certificate is left to the garbage collector: a handshake may still be using it.
/// </remarks>
internal sealed class TlsIdentity : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(30);

    private readonly TlsConfiguration _configuration;
    private readonly TimeProvider _time;
    private readonly IVaultLog _log;
    private readonly Lock _gate = new();
    private readonly ITimer _poll;
    private volatile SslServerAuthenticationOptions _current;
    private FileStamps _stamps;

    private TlsIdentity(TlsConfiguration configuration, TimeProvider time, IVaultLog log)
    {
        _configuration = configuration;
        _time = time;
        _log = log;
        _stamps = FileStamps.Of(configuration);
        _current = Build();
        _poll = time.CreateTimer(static state => ((TlsIdentity)state!).ReloadIfChanged(), this, PollInterval, PollInterval);
    }

    /// <summary>What the next handshake uses.</summary>
    public SslServerAuthenticationOptions Current => _current;

    /// <exception cref="ServerStartException">A file is missing, readable by others, or not what it should be.</exception>
    public static TlsIdentity Load(TlsConfiguration configuration, TimeProvider time, IVaultLog log) => new(configuration, time, log);

    /// <summary>Reads the files again. Files that cannot be used are reported; the old ones stay in use.</summary>
    public void Reload()
    {
        lock (_gate)
        {
            _stamps = FileStamps.Of(_configuration);
            try
            {
                _current = Build();
                _log.Write(VaultLogLevel.Info, $"certificate {_configuration.CertificateFile} loaded");
            }
            catch (ServerStartException e)
            {
                _log.Write(VaultLogLevel.Error, $"{e.Message}; the certificate in use stays");
            }
        }
    }

    public void Dispose() => _poll.Dispose();

    private void ReloadIfChanged()
    {
        if (FileStamps.Of(_configuration) != _stamps)
            Reload();
    }

    private SslServerAuthenticationOptions Build()
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = LoadServer(),
            EnabledSslProtocols = ProtocolsOf(_configuration.Floor),
            AllowRenegotiation = false,
            EncryptionPolicy = EncryptionPolicy.RequireEncryption,
            ClientCertificateRequired = _configuration.ClientCertificates != ClientCertificates.None,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        };
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
            options.CipherSuitesPolicy = new CipherSuitesPolicy(Suites);
        if (_configuration.ClientCertificates != ClientCertificates.None)
            options.RemoteCertificateValidationCallback = ClientCertificateCheck.For(_configuration, _time);
        return options;
    }

    private SslStreamCertificateContext LoadServer()
    {
        try
        {
            return CertificateFiles.LoadServer(_configuration, _time, _log);
        }
        catch (CryptographicException e)
        {
            throw new ServerStartException($"{_configuration.CertificateFile}: the certificate cannot be used by this system: {e.Message}", e);
        }
    }

    // CA5398: the versions are the point of the setting; 1.0 and 1.1 cannot be named.
#pragma warning disable CA5398
    private static SslProtocols ProtocolsOf(TlsFloor floor) => floor switch
    {
        TlsFloor.Only13 => SslProtocols.Tls13,
        TlsFloor.Only12 => SslProtocols.Tls12,
        _ => SslProtocols.Tls12 | SslProtocols.Tls13,
    };
#pragma warning restore CA5398

    private static readonly TlsCipherSuite[] Suites =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ];
}

/// <summary>Length and time of the files of a listener: a change of either is a new version.</summary>
internal readonly record struct FileStamps(long Certificate, long Key, long Authorities, long Lengths)
{
    public static FileStamps Of(TlsConfiguration configuration)
    {
        var certificate = new FileInfo(configuration.CertificateFile);
        var key = new FileInfo(configuration.KeyFile);
        var authorities = configuration.ClientCaFile is { } file ? new FileInfo(file) : null;
        return new FileStamps(
            certificate.LastWriteTimeUtc.Ticks,
            key.LastWriteTimeUtc.Ticks,
            authorities?.LastWriteTimeUtc.Ticks ?? 0,
            HashCode.Combine(LengthOf(certificate), LengthOf(key), authorities is null ? 0 : LengthOf(authorities)));
    }

    private static long LengthOf(FileInfo file) => file.Exists ? file.Length : -1;
}
