namespace Candlefish.Secrets.Server.Configuration;

/// <summary>The <c>tls_*</c> keys of a listener.</summary>
internal static class TlsReader
{
    /// <summary><see langword="null"/> = <c>tls_disable</c>.</summary>
    public static TlsConfiguration? Read(ConfigurationSection section, ConfigurationPaths paths)
    {
        section.Ignore("tls_cipher_suites", "TLS 1.2 uses AEAD suites with ECDHE only, TLS 1.3 its standard suites");
        section.Ignore("tls_prefer_server_cipher_suites");
        bool isDisabled = section.Flag("tls_disable") ?? false;
        string? certificate = paths.Full(section, "tls_cert_file");
        string? key = paths.Full(section, "tls_key_file");
        string? clientCa = paths.Full(section, "tls_client_ca_file");
        bool requireClient = section.Flag("tls_require_and_verify_client_cert") ?? false;
        bool disableClient = section.Flag("tls_disable_client_certs") ?? false;
        TlsFloor floor = Floor(section);
        if (isDisabled)
            return null;
        if (certificate is null)
            throw section.Wrong("tls_cert_file", "missing: name a PEM file with the certificate chain, or set tls_disable");
        if (key is null)
            throw section.Wrong("tls_key_file", "missing: name the PEM file of the private key");
        if (requireClient && disableClient)
            throw section.Wrong("tls_disable_client_certs", "contradicts tls_require_and_verify_client_cert: set one of them");
        if (requireClient && clientCa is null)
            throw section.Wrong("tls_client_ca_file", "missing: tls_require_and_verify_client_cert needs the authorities to verify against");
        return new TlsConfiguration
        {
            CertificateFile = certificate,
            KeyFile = key,
            ClientCaFile = clientCa,
            ClientCertificates = requireClient ? ClientCertificates.Required : disableClient ? ClientCertificates.None : ClientCertificates.Optional,
            Floor = floor,
        };
    }

    private static TlsFloor Floor(ConfigurationSection section)
    {
        string min = section.Choice("tls_min_version", "tls10", "tls11", "tls12", "tls13") ?? "tls12";
        string max = section.Choice("tls_max_version", "tls12", "tls13") ?? "tls13";
        if (min is "tls10" or "tls11")
            section.Ignore("tls_min_version", "TLS 1.0 and 1.1 are never spoken, the oldest version is 1.2");
        if (min == "tls13" && max == "tls12")
            throw section.Wrong("tls_max_version", "is lower than tls_min_version");
        return (min, max) switch
        {
            ("tls13", _) => TlsFloor.Only13,
            (_, "tls12") => TlsFloor.Only12,
            _ => TlsFloor.From12,
        };
    }
}
