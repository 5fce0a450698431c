using System.Security.Cryptography;
using System.Text;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Configuration;

/// <summary>
/// The checkouts whose address and CA the user has agreed to: one digest of (folder, address, CA
/// path, CA content) per line, kept outside every repository. A changed file needs a new agreement.
/// </summary>
internal sealed class ConfirmedCheckouts(CliHost host)
{
    private string FilePath => Path.Combine(ConfigurationFolder.Of(host), "confirmed-checkouts");

    internal bool Contains(string folder, string? address, string? caCert) =>
        File.Exists(FilePath) && File.ReadAllLines(FilePath).Contains(Digest(folder, address, caCert));

    internal void Add(string folder, string? address, string? caCert)
    {
        var known = File.Exists(FilePath) ? File.ReadAllText(FilePath) : "";
        PrivateFile.Write(FilePath, known + Digest(folder, address, caCert) + "\n");
    }

    private static string Digest(string folder, string? address, string? caCert)
    {
        var ca = caCert is not null && File.Exists(caCert) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(caCert))) : "";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', folder, address, caCert, ca))));
    }
}
