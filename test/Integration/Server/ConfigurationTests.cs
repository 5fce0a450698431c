using Candlefish.Secrets.Server;
using Candlefish.Secrets.Server.Configuration;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Server;

public sealed class ConfigurationTests : IDisposable
{
    private const string Minimal = """
        listener "tcp" { address = "127.0.0.1:0" tls_disable = 1 }
        storage "inmem" {}
        """;

    // The file of the requirements, byte for byte.
    private const string Documented = """
        # vault-config.hcl
        listener "tcp" {
          address = "0.0.0.0:8200"
          tls_disable = 1  # comment after a value
        }

        storage "file" {
          path = "/vault/data"
        }

        api_addr = "http://localhost:8200"
        cluster_addr = "http://localhost:8201"
        ui = true

        """;

    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Documented_file_means_what_it_says()
    {
        ServerConfiguration configuration = Load(Documented);

        ListenerConfiguration listener = Assert.Single(configuration.Listeners);
        Assert.Equal("0.0.0.0:8200", listener.Address.ToString());
        Assert.Null(listener.Tls);
        Assert.Equal(new StorageConfiguration("file", "/vault/data"), configuration.Storage);
        Assert.Equal("http://localhost:8200", configuration.ApiAddress);
        Assert.Equal("http://localhost:8201", configuration.ClusterAddress);
        Assert.True(configuration.EnableUi);
        Assert.Contains("tls_disable", Assert.Single(configuration.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Documented_file_with_a_free_port_starts_and_answers()
    {
        string text = Documented.Replace("0.0.0.0:8200", "0.0.0.0:0", StringComparison.Ordinal).Replace("/vault/data", "$DIR/vault/data", StringComparison.Ordinal);
        await using ConfiguredServer server = await ConfiguredServer.StartAsync(text);
        using var http = new HttpClient { BaseAddress = server.Server.Addresses[0] };

        using HttpResponseMessage health = await http.GetAsync(new Uri("v1/sys/health", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(501, (int)health.StatusCode);
    }

    [Theory]
    [InlineData("""backend "file" { path = "data" } listener "tcp" { address = "127.0.0.1:1" tls_disable = "true" }""")]
    [InlineData("""storage = { file = { path = "data" } } listener = { tcp = { address = "127.0.0.1:1" tls_disable = true } }""")]
    [InlineData("""{"storage":{"file":{"path":"data"}},"listener":{"tcp":{"address":"127.0.0.1:1","tls_disable":1}}}""")]
    [InlineData("""{"storage":{"file":{"path":"data"}},"listener":[{"tcp":{"address":"127.0.0.1:1","tls_disable":"1"}}]}""")]
    [InlineData("""{"backend":[{"file":[{"path":"data"}]}],"listener":[{"tcp":[{"address":"127.0.0.1:1","tls_disable":true}]}]}""")]
    public void Older_and_json_spellings_mean_the_same(string text)
    {
        ServerConfiguration configuration = Load(text);

        Assert.Equal(_directory["data"], configuration.Storage.Path);
        Assert.Null(configuration.Listeners[0].Tls);
        Assert.Equal(1, configuration.Listeners[0].Address.Port);
        Assert.Empty(configuration.Warnings);
    }

    [Fact]
    public void Unknown_keys_are_warned_about_by_name_and_line()
    {
        ServerConfiguration configuration = Load(Minimal + """

            max_lease_tll = "1h"
            plugin_directory = "/plugins"
            listener "tcp" {
              address = "127.0.0.1:0"
              tls_disable = true
              tls_disabled = true
            }
            frobnicate { x = 1 }
            """);

        Assert.Contains(configuration.Warnings, w => w.Contains("server.hcl:3: unknown key 'max_lease_tll'", StringComparison.Ordinal));
        Assert.Contains(configuration.Warnings, w => w.Contains("server.hcl:4: 'plugin_directory' has no effect", StringComparison.Ordinal));
        Assert.Contains(configuration.Warnings, w => w.Contains("server.hcl:8: listener \"tcp\": unknown key 'tls_disabled'", StringComparison.Ordinal));
        Assert.Contains(configuration.Warnings, w => w.Contains("unknown key 'frobnicate'", StringComparison.Ordinal));
        Assert.Equal(4, configuration.Warnings.Count);
    }

    [Theory]
    [InlineData("ui = \"maybe\"", "server.hcl:3: ui: expected true or false")]
    [InlineData("default_lease_ttl = \"soon\"", "server.hcl:3: default_lease_ttl: expected a duration")]
    [InlineData("ui { }", "server.hcl:3: ui: expected a value")]
    [InlineData("log_level = \"loud\"", "server.hcl:3: log_level: expected trace, debug, info, warn or error")]
    [InlineData("environment = \"prod\"", "server.hcl:3: environment: expected one of development, testing, staging, production")]
    [InlineData("api_addr = [1]", "server.hcl:3: api_addr: expected a string")]
    [InlineData("storage \"inmem\" {}", "a second storage")]
    [InlineData("seal \"awskms\" {}", "server.hcl:3: seal \"awskms\": this seal is not available yet")]
    [InlineData("listener \"unix\" {}", "only listener \"tcp\"")]
    [InlineData("listener \"tcp\" { address = \"nowhere:xx\" tls_disable = 1 }", "server.hcl:3: listener \"tcp\": address: expected HOST:PORT")]
    [InlineData("listener \"tcp\" { tls_disable = 1 max_request_size = \"5XB\" }", "server.hcl:3: listener \"tcp\": max_request_size: expected a size")]
    [InlineData("listener \"tcp\" { }", "tls_cert_file: missing")]
    [InlineData("listener \"tcp\" { tls_cert_file = \"a\" }", "tls_key_file: missing")]
    [InlineData("ui = ", "server.hcl:3: expected a value")]
    [InlineData("default_lease_ttl = \"2h\"\nmax_lease_ttl = \"1h\"", "default_lease_ttl must not be greater")]
    public void Wrong_configuration_is_one_line_naming_place_and_key(string line, string expected)
    {
        var refused = Assert.Throws<ServerStartException>(() => Load(Minimal + "\n" + line));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Theory]
    [InlineData("storage \"postgresql\" { }", "not available yet")]
    [InlineData("storage \"etcd\" { }", "not available yet")]
    [InlineData("storage \"raft\" { path = \"x\" }", "does not exist here")]
    [InlineData("storage \"file\" { }", "path: missing")]
    [InlineData("", "a storage backend must be specified")]
    public void Storage_that_cannot_be_used_says_what_to_do(string storage, string expected)
    {
        var refused = Assert.Throws<ServerStartException>(() => Load("listener \"tcp\" { tls_disable = 1 }\n" + storage));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Error_never_repeats_the_value()
    {
        var refused = Assert.Throws<ServerStartException>(() => Load(Minimal + "\ndefault_lease_ttl = \"s3cr3t-value\""));

        Assert.DoesNotContain("s3cr3t-value", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0:8200", true)]
    [InlineData(":8200", true)]
    [InlineData("[::]:8200", true)]
    [InlineData("10.1.2.3:8200", true)]
    [InlineData("vault.example:8200", true)]
    [InlineData("127.0.0.1:8200", false)]
    [InlineData("[::1]:8200", false)]
    [InlineData("localhost:8200", false)]
    public void Plain_listener_in_production_is_refused_unless_on_loopback(string address, bool isRefused)
    {
        string text = $$"""listener "tcp" { address = "{{address}}" tls_disable = 1 } storage "inmem" {} environment = "production" """;

        if (!isRefused)
        {
            Assert.Null(Load(text).Listeners[0].Tls);
            return;
        }
        var refused = Assert.Throws<ServerStartException>(() => Load(text));
        Assert.Contains("tls_disable", refused.Message, StringComparison.Ordinal);
        Assert.Contains("production", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Environment_variable_makes_it_production()
    {
        string text = Minimal.Replace("127.0.0.1", "0.0.0.0", StringComparison.Ordinal);

        Assert.Throws<ServerStartException>(() => Load(text, ("CANDLEFISH_ENV", "production")));
        Assert.NotEmpty(Load(text, ("CANDLEFISH_ENV", "staging")).Warnings);
        Assert.Throws<ServerStartException>(() => Load(text, ("CANDLEFISH_ENV", "prod")));
    }

    [Theory]
    [InlineData("128MB", 134_217_728)]
    [InlineData("1KB", 1_024)]
    [InlineData("2 GiB", 0)]
    [InlineData("4096", 4_096)]
    [InlineData("x", 0)]
    [InlineData("0", 0)]
    [InlineData("-1", 0)]
    public void Request_size_of_the_environment_is_in_powers_of_1024(string value, long expected)
    {
        if (expected == 0)
            Assert.Contains("VAULT_MAX_REQUEST_SIZE", Assert.Throws<ServerStartException>(() => Load(Minimal, ("VAULT_MAX_REQUEST_SIZE", value))).Message, StringComparison.Ordinal);
        else
            Assert.Equal(expected, Load(Minimal, ("VAULT_MAX_REQUEST_SIZE", value)).Listeners[0].MaxBodyBytes);
    }

    [Fact]
    public void Limits_are_vaults_unless_set()
    {
        ListenerConfiguration standard = Load(Minimal).Listeners[0];
        ListenerConfiguration set = Load(Minimal, ("VAULT_MAX_REQUEST_DURATION", "30s")).Listeners[0];

        Assert.Equal((32L * 1024 * 1024, TimeSpan.FromSeconds(90)), (standard.MaxBodyBytes, standard.MaxRequestDuration));
        Assert.Equal(TimeSpan.FromSeconds(30), set.MaxRequestDuration);
    }

    [Fact]
    public void Files_and_directories_are_merged_in_order()
    {
        Directory.CreateDirectory(_directory["conf.d"]);
        File.WriteAllText(_directory["conf.d/10-storage.hcl"], "storage \"inmem\" {}\nui = false\nlog_level = \"debug\"");
        File.WriteAllText(_directory["conf.d/20-listener.json"], """{"listener":{"tcp":{"address":"127.0.0.1:1","tls_disable":true}}}""");
        File.WriteAllText(_directory["conf.d/ignored.txt"], "not = [");
        File.WriteAllText(_directory["last.hcl"], "ui = true\nlistener \"tcp\" { address = \"127.0.0.1:2\" tls_disable = 1 }");
        var start = new ServerStart { ConfigurationPaths = ["conf.d", "last.hcl"], WorkingDirectory = _directory.Path, Environment = _ => null };

        ServerConfiguration configuration = ConfigurationLoader.Load(start);

        Assert.Equal([1, 2], configuration.Listeners.Select(l => l.Address.Port));
        Assert.True(configuration.EnableUi);
        Assert.Equal(VaultLogLevel.Debug, configuration.LogLevel);
    }

    [Theory]
    [InlineData("missing.hcl", "no such configuration file")]
    [InlineData("empty.d", "holds no .hcl or .json file")]
    public void Path_without_configuration_is_named(string path, string expected)
    {
        Directory.CreateDirectory(_directory["empty.d"]);
        var start = new ServerStart { ConfigurationPaths = [path], WorkingDirectory = _directory.Path, Environment = _ => null };

        string message = Assert.Throws<ServerStartException>(() => ConfigurationLoader.Load(start)).Message;

        Assert.Contains(_directory[path], message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cluster_port_answers_health_and_nothing_else()
    {
        await using ConfiguredServer server = await ConfiguredServer.StartAsync(Minimal.Replace("tls_disable", "cluster_address = \"127.0.0.1:38201\" tls_disable", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = new Uri("http://127.0.0.1:38201") };

        Assert.Equal(501, (int)(await http.GetAsync(new Uri("v1/sys/health", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(404, (int)(await http.GetAsync(new Uri("v1/sys/init", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        Assert.Single(server.Server.Addresses);
    }

    [Fact]
    public async Task Pid_file_exists_while_the_server_runs()
    {
        var directory = new TemporaryDirectory();
        await using (ConfiguredServer server = await ConfiguredServer.StartAsync(Minimal + "\npid_file = \"server.pid\"", directory))
        {
            Assert.Equal($"{Environment.ProcessId}\n", await File.ReadAllTextAsync(directory["server.pid"], TestContext.Current.CancellationToken));
            await server.Server.StopAsync();
            Assert.False(File.Exists(directory["server.pid"]));
        }
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("pid_file")]
    [InlineData("audit_directory")]
    public void Path_with_a_NUL_is_refused_by_key(string key)
    {
        var refused = Assert.Throws<ServerStartException>(() => Load(Minimal + $"\n{key} = \"a\\u0000b\""));

        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
    }

    private ServerConfiguration Load(string text, params (string, string)[] environment) =>
        ConfigurationLoader.Load(ConfiguredServer.StartOf(text, _directory, null, null, environment));
}
