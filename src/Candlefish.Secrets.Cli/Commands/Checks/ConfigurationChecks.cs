using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Server;
using Candlefish.Secrets.Server.Configuration;

namespace Candlefish.Secrets.Cli.Commands.Checks;

/// <summary>Checks of a server configuration that need no running server: it loads, storage is writable, certificates are valid, addresses are free.</summary>
internal static class ConfigurationChecks
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Run(CliContext cli, IReadOnlyList<string> paths, CheckReport report)
    {
        foreach (var path in paths.Where(File.Exists))
        {
            if (PrivateFile.IsTooOpen(path))
            {
                report.Warn("configuration file", $"{path} has mode {PrivateFile.Mode(path)}", $"chmod 0600 {path}");
            }
            else
            {
                report.Ok("configuration file", $"{path} has mode {PrivateFile.Mode(path)}");
            }
        }

        ServerConfiguration configuration;
        try
        {
            configuration = ConfigurationLoader.Load(new ServerStart
            {
                ConfigurationPaths = paths, WorkingDirectory = cli.Host.WorkingFolder, Environment = cli.Host.Variable, Time = cli.Host.Clock,
            });
            report.Ok("configuration", "is read without errors");
        }
        catch (ServerStartException broken)
        {
            report.Fail("configuration", broken.Message, "correct the file; the names are those of Vault's server configuration");
            return;
        }

        foreach (var warning in configuration.Warnings)
        {
            report.Warn("configuration", warning, "see docs/configuration.md");
        }

        Storage(configuration.Storage, report);
        foreach (var listener in configuration.Listeners)
        {
            Address(listener.Address.ToString(), report);
            if (listener.Tls is { } tls)
            {
                Certificate(cli, tls, report);
            }
        }
    }

    private static void Storage(StorageConfiguration storage, CheckReport report)
    {
        if (storage.Type == StorageConfiguration.InMemory)
        {
            report.Warn("storage", "is in memory: everything is lost at exit", "use storage \"file\"");
            return;
        }

        var folder = storage.Path;
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { Length: > 0 } parent)
        {
            folder = parent;
        }

        try
        {
            var probe = Path.Combine(folder, "." + Path.GetRandomFileName());
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            report.Ok("storage", $"{storage.Path} can be written");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            report.Fail("storage", $"{folder} cannot be written", "give the server's user the folder: chown, chmod 0700");
        }
    }

    private static void Address(string text, CheckReport report)
    {
        if (!IPEndPoint.TryParse(text, out var address))
        {
            report.Ok("listener", text);
            return;
        }

        try
        {
            using var listener = new TcpListener(address);
            listener.Start();
            report.Ok("listener", $"{text} is free");
        }
        catch (SocketException taken)
        {
            report.Fail("listener", $"{text} cannot be used: {taken.SocketErrorCode}", "is a server running there already?");
        }
    }

    private static void Certificate(CliContext cli, TlsConfiguration tls, CheckReport report)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPemFile(tls.CertificateFile, tls.KeyFile);
            var left = certificate.NotAfter.ToUniversalTime() - cli.Now.UtcDateTime;
            var detail = $"{tls.CertificateFile} ends {Durations.Relative(cli.Now + left, cli.Now)}";
            if (left < TimeSpan.Zero)
            {
                report.Fail("certificate", detail, "renew it");
            }
            else if (left < TimeSpan.FromDays(30))
            {
                report.Warn("certificate", detail, "renew it soon");
            }
            else
            {
                report.Ok("certificate", detail);
            }
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            report.Fail("certificate", $"{tls.CertificateFile} and {tls.KeyFile} cannot be used together", "check that the key belongs to the certificate and may be read");
        }
    }
}
