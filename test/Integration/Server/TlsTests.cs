using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Candlefish.Secrets.Server;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Server;

/// <summary>The TLS listener as <c>openssl s_client</c> and .NET clients see it.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly TestCertificates _ca;
    private readonly TestCertificates _otherCa;

    public TlsTests()
    {
        _ca = new TestCertificates(_files.Path);
        _otherCa = new TestCertificates(_files.Path, "other-ca");
        _ca.IssueServer("server");
    }

    [Theory]
    [InlineData("", "-tls1_3", "TLSv1.3")]
    [InlineData("", "-tls1_2", "TLSv1.2")]
    [InlineData("", "-tls1_1 -cipher DEFAULT@SECLEVEL=0", null)]
    [InlineData("", "-tls1 -cipher DEFAULT@SECLEVEL=0", null)]
    [InlineData("tls_min_version = \"tls13\"", "-tls1_3", "TLSv1.3")]
    [InlineData("tls_min_version = \"tls13\"", "-tls1_2", null)]
    [InlineData("tls_max_version = \"tls12\"", "-tls1_3", null)]
    [InlineData("tls_max_version = \"tls12\"", "-tls1_2", "TLSv1.2")]
    [InlineData("tls_min_version = \"tls10\"", "-tls1_1 -cipher DEFAULT@SECLEVEL=0", null)]
    [InlineData("", "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", "TLSv1.2")]
    [InlineData("", "-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305", "TLSv1.2")]
    [InlineData("", "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA", null)]
    [InlineData("", "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256", null)]
    [InlineData("", "-tls1_2 -cipher AES128-GCM-SHA256", null)]
    public async Task Version_and_suite_are_spoken_or_refused(string setting, string client, string? expected)
    {
        await using ConfiguredServer server = await StartAsync(setting);

        string output = await OpenSslAsync(server, client);

        if (expected is null)
            Assert.Contains("Cipher is (NONE)", output, StringComparison.Ordinal);
        else
            Assert.Contains($"New, {expected}, Cipher is", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renegotiation_compression_and_tickets_with_early_data_are_off()
    {
        await using ConfiguredServer server = await StartAsync("");

        string output = await OpenSslAsync(server, "-tls1_3");

        Assert.Contains("Compression: NONE", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Max Early Data: 1", output, StringComparison.Ordinal);
        Assert.Contains("Verify return code: 0 (ok)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_http_on_the_tls_port_gets_no_answer_from_the_api()
    {
        await using ConfiguredServer server = await StartAsync("");
        using var http = new HttpClient();

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetAsync(
            new Uri($"http://127.0.0.1:{server.Server.Addresses[0].Port}/v1/sys/health"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Answer_over_tls_has_strict_transport_security(int httpVersion)
    {
        await using ConfiguredServer server = await StartAsync("");
        using HttpClient http = Client(null);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Server.Addresses[0], "v1/sys/health"))
        {
            Version = new Version(httpVersion, httpVersion == 1 ? 1 : 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using HttpResponseMessage reply = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(501, (int)reply.StatusCode);
        Assert.Equal(httpVersion, reply.Version.Major);
        Assert.StartsWith("max-age=31536000", Assert.Single(reply.Headers.GetValues("Strict-Transport-Security")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none", false)]
    [InlineData("good", true)]
    [InlineData("expired", false)]
    [InlineData("foreign", false)]
    [InlineData("server", false)]
    public async Task Required_client_certificate_is_verified(string which, bool isAccepted)
    {
        (string, string)? certificate = which switch
        {
            "good" => _ca.IssueClient("good"),
            "expired" => _ca.IssueClient("expired", -0.01),
            "foreign" => _otherCa.IssueClient("foreign"),
            "server" => _ca.IssueServer("wrong-usage"),
            _ => null,
        };
        await using ConfiguredServer server = await StartAsync($"tls_require_and_verify_client_cert = true tls_client_ca_file = \"{_ca.AuthorityFile}\"");
        using HttpClient http = Client(certificate);

        Task<HttpResponseMessage> reply = http.GetAsync(new Uri(server.Server.Addresses[0], "v1/sys/health"), TestContext.Current.CancellationToken);

        if (isAccepted)
            Assert.Equal(501, (int)(await reply).StatusCode);
        else
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => reply);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tls_disable_client_certs = true")]
    public async Task Client_without_certificate_is_served_unless_required(string setting)
    {
        await using ConfiguredServer server = await StartAsync(setting);
        using HttpClient http = Client(null);

        Assert.Equal(501, (int)(await http.GetAsync(new Uri(server.Server.Addresses[0], "v1/sys/health"), TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Names_of_the_client_authorities_are_sent()
    {
        await using ConfiguredServer server = await StartAsync($"tls_require_and_verify_client_cert = true tls_client_ca_file = \"{_ca.AuthorityFile}\"");

        Assert.Contains("CN = test-ca", (await OpenSslAsync(server, "-tls1_2")).Split("Acceptable client certificate CA names")[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Replaced_certificate_is_used_by_new_connections_and_running_ones_go_on(bool byPoll)
    {
        var time = new ManualTimeProvider(DateTimeOffset.UtcNow);
        await using ConfiguredServer server = await StartAsync("", time);
        using HttpClient running = Client(null);
        var health = new Uri(server.Server.Addresses[0], "v1/sys/health");
        await running.GetAsync(health, TestContext.Current.CancellationToken);
        string before = await ThumbprintAsync(server);

        _ca.IssueServer("server");
        if (byPoll)
            time.Advance(TimeSpan.FromSeconds(31));
        else
            server.Server.Reload();

        Assert.NotEqual(before, await ThumbprintAsync(server));
        Assert.Equal(501, (int)(await running.GetAsync(health, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Broken_replacement_is_reported_and_the_old_certificate_stays()
    {
        await using ConfiguredServer server = await StartAsync("");
        string before = await ThumbprintAsync(server);

        await File.WriteAllTextAsync(_files["server.pem"], "garbage", TestContext.Current.CancellationToken);
        server.Server.Reload();

        Assert.Equal(before, await ThumbprintAsync(server));
        Assert.Contains("the certificate in use stays", server.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherRead, true)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupWrite, true)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead, false)]
    public async Task Key_that_others_can_read_is_refused(UnixFileMode mode, bool isRefused)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "file modes are a Unix notion");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_files["server.key"], mode);

        if (!isRefused)
        {
            await using ConfiguredServer server = await StartAsync("");
            return;
        }
        Assert.Contains("chmod 0600", (await Assert.ThrowsAsync<ServerStartException>(() => StartAsync(""))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server.pem", "", "holds no PEM certificate")]
    [InlineData("server.key", "garbage", "no private key in PEM form")]
    [InlineData("server.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "is encrypted")]
    public async Task File_that_is_no_certificate_or_key_is_named(string file, string content, string expected)
    {
        await File.WriteAllTextAsync(_files[file], content, TestContext.Current.CancellationToken);

        string message = (await Assert.ThrowsAsync<ServerStartException>(() => StartAsync(""))).Message;

        Assert.Contains(_files[file], message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_of_another_certificate_is_refused()
    {
        _ca.IssueServer("another");
        File.Copy(_files["another.key"], _files["server.key"], overwrite: true);

        Assert.Contains("belongs to the first certificate", (await Assert.ThrowsAsync<ServerStartException>(() => StartAsync(""))).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _ca.Dispose();
        _otherCa.Dispose();
        _files.Dispose();
    }

    private Task<ConfiguredServer> StartAsync(string setting, TimeProvider? time = null) => ConfiguredServer.StartAsync(
        $$"""
        listener "tcp" {
          address = "127.0.0.1:0"
          tls_cert_file = "{{_files["server.pem"]}}"
          tls_key_file = "{{_files["server.key"]}}"
          {{setting.Replace(" tls_", "\n  tls_", StringComparison.Ordinal)}}
        }
        storage "inmem" {}
        environment = "production"
        """,
        null,
        time);

    private HttpClient Client((string Certificate, string Key)? certificate)
    {
        var options = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { _ca.Authority },
            },
        };
        if (certificate is var (file, key))
            options.ClientCertificateContext = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(file, key), null, offline: true);
        return new HttpClient(new SocketsHttpHandler { SslOptions = options });
    }

    private static async Task<string> ThumbprintAsync(ConfiguredServer server)
    {
        using var tcp = new System.Net.Sockets.TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, server.Server.Addresses[0].Port);
        string? thumbprint = null;
        using var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, _) =>
        {
            thumbprint = certificate?.GetCertHashString();
            return certificate is not null;
        });
        await tls.AuthenticateAsClientAsync("localhost", null, SslProtocols.None, false);
        return thumbprint ?? "";
    }

    private async Task<string> OpenSslAsync(ConfiguredServer server, string arguments)
    {
        var start = new ProcessStartInfo("openssl", $"s_client -connect 127.0.0.1:{server.Server.Addresses[0].Port} -CAfile {_ca.AuthorityFile} {arguments}")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("openssl did not start");
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output + await error;
    }
}
