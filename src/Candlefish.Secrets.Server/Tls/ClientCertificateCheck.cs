using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Candlefish.Secrets.Server.Configuration;

namespace Candlefish.Secrets.Server.Tls;

/// <summary>
/// Decides in the handshake about client certificates. Optional ones pass unverified: whoever uses them (the <c>cert</c> auth
/// method) verifies them against its own authorities. Required ones must chain to the configured authorities, be in date
/// and be meant for client authentication (RFC 5280 §4.2.1.12).
/// </summary>
internal static class ClientCertificateCheck
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    public static RemoteCertificateValidationCallback For(TlsConfiguration configuration, TimeProvider time)
    {
        if (configuration.ClientCertificates != ClientCertificates.Required || configuration.ClientCaFile is not { } file)
            return AnyCertificate;
        X509Certificate2Collection authorities = CertificateFiles.LoadCertificates(file);
        return (_, certificate, sent, _) => certificate is X509Certificate2 client && IsTrusted(client, sent, authorities, time);
    }

    // CA5359 warns of clients that trust any server. This is a server that keeps what a client shows, without trusting it.
#pragma warning disable CA5359
    private static readonly RemoteCertificateValidationCallback AnyCertificate = static (_, _, _, _) => true;
#pragma warning restore CA5359

    private static bool IsTrusted(X509Certificate2 client, X509Chain? sent, X509Certificate2Collection authorities, TimeProvider time)
    {
        using var chain = new X509Chain();
        X509ChainPolicy policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = time.GetUtcNow().UtcDateTime;
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        if (sent is not null)
            policy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        return chain.Build(client);
    }
}
