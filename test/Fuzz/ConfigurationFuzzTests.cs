using System.Text;
using Candlefish.Secrets.Server;
using Candlefish.Secrets.Server.Configuration;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Hcl;
using Xunit;

namespace Candlefish.Secrets.Tests.Fuzz;

/// <summary>Configuration and policy text: read, or refused with the one exception of its reader.</summary>
public sealed class ConfigurationFuzzTests(ITestOutputHelper output) : IDisposable
{
    private static readonly string[] Texts =
    [
        """
        listener "tcp" {
          address = "127.0.0.1:8200"
          tls_disable = 1 # comment
          max_request_size = "32MiB"
          x_forwarded_for_authorized_addrs = ["10.0.0.0/8", "::1"]
          http_idle_timeout = "5m"
        }
        storage "file" { path = "/vault/data" }
        api_addr = "http://localhost:8200"
        default_lease_ttl = "768h"
        max_lease_ttl = 2764800
        log_level = "info"
        pid_file = "/run/a.pid"
        ui = true
        telemetry { prometheus_retention_time = "30s" }
        seal "shamir" {}
        """,
        """{"storage":{"file":{"path":"data"}},"listener":[{"tcp":{"address":"[::1]:0","tls_disable":"true"}}],"max_connections":100,"shutdown_timeout":"10s"}""",
        """
        path "secret/data/{{identity.entity.id}}/*" {
          capabilities = ["read", "list"]
          allowed_parameters = { "a" = ["b", 1, 2.5e3], "*" = [] }
          min_wrapping_ttl = "1s"
        }
        text = <<-EOT
            hello ${world}
            EOT
        /* block */ number = 0x1F
        """,
    ];

    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Hcl_text_parses_or_is_refused() => FuzzRun.Repeat(output, random =>
    {
        try
        {
            HclDocument.Parse(TextOf(random));
            return true;
        }
        catch (HclException)
        {
            return false;
        }
    });

    [Fact]
    public void Server_configuration_loads_or_is_refused() => FuzzRun.Repeat(output, random =>
    {
        string file = _directory["server.hcl"];
        byte[] bytes = Encoding.UTF8.GetBytes(TextOf(random));
        File.WriteAllBytes(file, random.Next(4) == 0 ? FuzzInput.Damage(random, bytes) : bytes);
        string? variable = random.Next(4) == 0 ? FuzzInput.Text(random, 4, "1", "true", "debug", "http://", "a", ":") : null;
        try
        {
            ConfigurationLoader.Load(new ServerStart { ConfigurationPaths = [file], WorkingDirectory = _directory.Path, Environment = _ => variable });
            return true;
        }
        catch (ServerStartException)
        {
            return false;
        }
    });

    public void Dispose() => _directory.Dispose();

    private static string TextOf(Random random)
    {
        if (random.Next(6) == 0)
            return FuzzInput.Text(random, 30, "a", "=", "{", "}", "[", "]", "\"x\"", ",", "\n", "<<E\n", "\nE\n", "#", "/*", "*/", "1", "-", "0x", "1e9", "${", "true", "path", ":");
        string text = FuzzInput.Of(random, Texts);
        // A value replaced by another of the wrong kind keeps the structure and so reaches the readers.
        if (random.Next(2) == 0)
        {
            string from = FuzzInput.Of(random, "\"127.0.0.1:8200\"", "\"32MiB\"", "\"5m\"", "2764800", "\"768h\"", "\"/vault/data\"", "\"info\"", "\"http://localhost:8200\"", "\"10.0.0.0/8\"", "100", "\"10s\"", "\"data\"", "\"/run/a.pid\"", "true");
            string to = FuzzInput.Of(random, "\"\"", "\"\\u0000\"", "-1", "1e400", "99999999999999999999", "\"9999999999999999h\"", "\"9223372036854775807\"", "\"1e99GiB\"", "[]", "{}", "null", "\":::\"", "\"[::1\"", "\"a:99999\"", "\"10.0.0.0/99\"", "\"\ud83d\udd11\"", "\"" + new string('x', 5_000) + "\"");
            text = text.Replace(from, to, StringComparison.Ordinal);
        }
        return FuzzInput.Damage(random, text);
    }
}
