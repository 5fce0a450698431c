using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Candlefish.Secrets.Client;

/// <summary>Turns the TLS part of the options into a socket handler. TLS 1.2 is the least, the system decides above it.</summary>
internal static class TlsSettings
{
    internal static SocketsHttpHandler Handler(VaultConnectionOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // A proxy must not see what is meant for a server on this machine.
            UseProxy = !options.Address.IsLoopback,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(10) < options.Timeout ? TimeSpan.FromSeconds(10) : options.Timeout,
        };
        if (options.Address.Scheme != Uri.UriSchemeHttps)
        {
            return handler;
        }

        var tls = handler.SslOptions;
        tls.EnabledSslProtocols = System.Security.Authentication.SslProtocols.None;
        try
        {
            if (TrustedRoots(options) is { Count: > 0 } roots)
            {
                tls.CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                };
                tls.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
            }

            if (options.ClientCertificateFile is { Length: > 0 } certificate)
            {
                tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, options.ClientKeyFile)];
            }
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new VaultConnectionException(
                ConnectionFailure.Tls, "A certificate or key file for TLS cannot be used: " + exception.Message, exception);
        }

        if (options.DangerousAcceptAnyServerCertificate)
        {
            AcceptAnything(tls);
        }

        return handler;
    }

    [SuppressMessage("Security", "CA5359", Justification = "Only on the caller's explicit, dangerously named request.")]
    private static void AcceptAnything(SslClientAuthenticationOptions tls) =>
        tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;

    private static X509Certificate2Collection TrustedRoots(VaultConnectionOptions options)
    {
        var roots = new X509Certificate2Collection();
        if (options.CaFile is { Length: > 0 } file)
        {
            roots.ImportFromPemFile(file);
        }
        else if (options.CaDirectory is { Length: > 0 } folder)
        {
            foreach (var member in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            {
                roots.ImportFromPemFile(member);
            }
        }

        return roots;
    }
}
