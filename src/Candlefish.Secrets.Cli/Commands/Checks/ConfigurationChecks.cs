using Candlefish.Secrets.Cli.Configuration;

namespace Candlefish.Secrets.Cli.Commands.Checks;

/// <summary>Checks of a server configuration file that need no server.</summary>
internal static class ConfigurationChecks
{
    internal static void Run(string path, CheckReport report)
    {
        if (!File.Exists(path))
        {
            report.Fail("configuration", $"{path} does not exist", "name the file the server is started with");
            return;
        }

        if (PrivateFile.IsTooOpen(path))
        {
            report.Warn("configuration", $"{path} has mode {PrivateFile.Mode(path)}", $"chmod 0600 {path}");
        }
        else
        {
            report.Ok("configuration", $"{path} has mode {PrivateFile.Mode(path)}");
        }
    }
}
