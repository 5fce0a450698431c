using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Candlefish.Secrets.Tests.Integration.Server;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Security;

/// <summary>
/// Values put into every input of a server with SQLite storage and a file audit device turn up nowhere but in the answers to
/// those who may read them: not in logs, trails, metrics, refusals, nor in any file, in any usual spelling.
/// </summary>
public sealed class CanaryTests(ITestOutputHelper output)
{
    private const string Configuration = """
        listener "tcp" { address = "127.0.0.1:0" tls_disable = 1 }
        storage "file" { path = "$DIR/storage" }
        log_level = "trace"
        """;

    /// <summary>Stands where a name stands, and the trail shows names: the proof that the scan reads it.</summary>
    private const string ShownName = "shownname7Kq2zr5kW0a";

    private readonly CanaryScan _scan = new();
    private readonly List<string> _leaks = [];
    private readonly List<string> _surprises = [];

    [Fact]
    public async Task Row073_Row075_Row076_Row077_canaries_throughEveryInput_turnUpNowhere()
    {
        using var directory = new TemporaryDirectory();
        ConfiguredServer server = await ConfiguredServer.StartAsync(Configuration, directory);
        try
        {
            Uri address = server.Server.Addresses[0];
            using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address };
            string root = await InitializeAsync(http);
            foreach (CanaryInput input in CanaryInput.Taken)
                await SendAsync(http, root, input, isTaken: true);
            await LogInAsync(http, root);
            foreach (CanaryInput input in CanaryInput.Refused)
                await SendAsync(http, root, input, isTaken: false);
            foreach (string raw in CanaryInput.Raw)
                Search("answer to raw bytes", Encoding.Latin1.GetBytes(await RawHttp.ExchangeAsync(address, Fill(raw, raw), TimeSpan.FromMilliseconds(200))));
            await SendAsync(http, root, new CanaryInput("GET", "secret/data/" + ShownName), isTaken: false);
            foreach (string format in (string[])["", "?format=prometheus"])
                Search("metrics", (await AnswerAsync(http, root, new CanaryInput("GET", "sys/metrics" + format))).Body);
            Assert.NotEmpty(SearchFiles(directory, "while running"));
        }
        finally
        {
            await server.Server.StopAsync();
        }

        string[] files = SearchFiles(directory, "after the stop");
        Search("log", Encoding.UTF8.GetBytes(server.Log));
        output.WriteLine($"{_scan.Count} canaries, {_leaks.Count} leaks; searched: log ({server.Log.Length} characters), {string.Join(", ", files)}");
        Assert.True(_surprises.Count == 0, string.Join('\n', _surprises));
        Assert.True(_leaks.Count == 0, string.Join('\n', _leaks.Distinct()));
        Assert.True(_scan.Count >= 100, $"{_scan.Count} canaries");
        Assert.Contains(files, f => f.Contains("audit.log", StringComparison.Ordinal));
        Assert.Contains(files, f => f.Contains("candlefish.db", StringComparison.Ordinal));
        string trail = Directory.EnumerateFiles(directory.Path, "audit.log", SearchOption.AllDirectories).Select(File.ReadAllText).Single();
        Assert.Contains(ShownName, trail, StringComparison.Ordinal);
    }

    /// <summary>The scan finds every spelling at any place: the test above can fail.</summary>
    [Fact]
    public void Scan_finds_every_spelling()
    {
        string canary = _scan.Next("control");
        byte[] bytes = Encoding.UTF8.GetBytes(canary);

        foreach ((string name, string text) in CanaryScan.SpellingsOf(canary))
            Assert.True(_scan.Find(Encoding.Latin1.GetBytes("before" + text + "after")).Any(), name);
        for (int shift = 0; shift < 6; shift++)
            Assert.NotEmpty(_scan.Find(Encoding.ASCII.GetBytes(Convert.ToBase64String([.. new byte[shift], .. bytes, .. new byte[5]]))));
        Assert.Empty(_scan.Find("nothing of that kind"u8));
    }

    private async Task<string> InitializeAsync(HttpClient http)
    {
        (_, byte[] body) = await AnswerAsync(http, null, new CanaryInput("PUT", "sys/init", """{"secret_shares":1,"secret_threshold":1}"""));
        using JsonDocument init = JsonDocument.Parse(body);
        string root = Watched(init.RootElement.GetProperty("root_token"), "root token");
        string key = Watched(init.RootElement.GetProperty("keys_base64")[0], "key share");
        Watched(init.RootElement.GetProperty("keys")[0], "key share in hexadecimal");
        Assert.Equal(200, (await AnswerAsync(http, null, new CanaryInput("PUT", "sys/unseal", $$"""{"key":"{{key}}"}"""))).Status);
        foreach ((string path, string type) in ((string, string)[])[("mounts/secret", "kv-v2"), ("mounts/kv", "kv"), ("auth/userpass", "userpass"), ("auth/approle", "approle")])
            Assert.Equal(204, (await AnswerAsync(http, root, new CanaryInput("POST", "sys/" + path, $$"""{"type":"{{type}}"}"""))).Status);
        return root;
    }

    // Logins that succeed: their passwords, role and secret ids, and the tokens that they bring.
    private async Task LogInAsync(HttpClient http, string root)
    {
        string password = _scan.Next("password of a login");
        await AnswerAsync(http, root, new CanaryInput("POST", "auth/userpass/users/ann/password", $$"""{"password":"{{password}}"}"""));
        await TokenOfAsync(http, new CanaryInput("POST", "auth/userpass/login/ann", $$"""{"password":"{{password}}"}"""), "userpass");
        string roleId = _scan.Next("role id of a login");
        await AnswerAsync(http, root, new CanaryInput("POST", "auth/approle/role/ci/role-id", $$"""{"role_id":"{{roleId}}"}"""));
        (_, byte[] issued) = await AnswerAsync(http, root, new CanaryInput("POST", "auth/approle/role/ci/secret-id", "{}"));
        using JsonDocument secret = JsonDocument.Parse(issued);
        string secretId = Watched(secret.RootElement.GetProperty("data").GetProperty("secret_id"), "secret id");
        string token = await TokenOfAsync(http, new CanaryInput("POST", "auth/approle/login", $$"""{"role_id":"{{roleId}}","secret_id":"{{secretId}}"}"""), "approle");
        // The token where the trail shows names: in the path, and in the legacy form of a lookup.
        await AnswerAsync(http, token, new CanaryInput("GET", "secret/data/app"));
        await AnswerAsync(http, root, new CanaryInput("POST", "auth/token/lookup", $$"""{"token":"{{token}}"}"""));
        await AnswerAsync(http, root, new CanaryInput("GET", "secret/data/" + token));
        (_, byte[] wrapped) = await AnswerAsync(http, root, new CanaryInput("POST", "sys/wrapping/wrap", """{"a":"b"}""", "X-Vault-Wrap-TTL: 60"));
        using JsonDocument wrapping = JsonDocument.Parse(wrapped);
        string wrappingToken = Watched(wrapping.RootElement.GetProperty("wrap_info").GetProperty("token"), "wrapping token");
        Assert.Equal(200, (await AnswerAsync(http, root, new CanaryInput("POST", "sys/wrapping/unwrap", $$"""{"token":"{{wrappingToken}}"}"""))).Status);
    }

    private async Task<string> TokenOfAsync(HttpClient http, CanaryInput login, string method)
    {
        (int status, byte[] body) = await AnswerAsync(http, null, login);
        Assert.Equal(200, status);
        using JsonDocument answer = JsonDocument.Parse(body);
        Watched(answer.RootElement.GetProperty("auth").GetProperty("accessor"), $"accessor of a {method} login");
        return Watched(answer.RootElement.GetProperty("auth").GetProperty("client_token"), $"token of a {method} login");
    }

    private async Task SendAsync(HttpClient http, string root, CanaryInput input, bool isTaken)
    {
        string origin = $"{input.Method} {input.Path} {input.Header} {input.Body}";
        (int status, byte[] body) = await AnswerAsync(http, root, input with { Path = Fill(input.Path, origin), Body = Fill(input.Body, origin), Header = Fill(input.Header, origin) });
        if (isTaken != status < 400 || status >= 500)
            _surprises.Add($"{origin}: {status} {Encoding.UTF8.GetString(body).Trim()}");
        if (status >= 400)
            Search("refusal of " + origin, body);
    }

    private static async Task<(int Status, byte[] Body)> AnswerAsync(HttpClient http, string? token, CanaryInput input)
    {
        using var request = new HttpRequestMessage(new HttpMethod(input.Method), new Uri("v1/" + input.Path, UriKind.Relative));
        string[] header = input.Header?.Split(": ", 2) ?? [];
        if (header is [string name, string value])
            request.Headers.TryAddWithoutValidation(name, value);
        if (token is not null && header is not ["X-Vault-Token" or "Authorization", _])
            request.Headers.Add("X-Vault-Token", token);
        if (input.Body is not null)
            request.Content = new StringContent(input.Body, Encoding.UTF8, input.Method == "PATCH" ? "application/merge-patch+json" : "application/json");
        using HttpResponseMessage response = await http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync());
    }

    [return: NotNullIfNotNull(nameof(text))]
    private string? Fill(string? text, string origin)
    {
        while (text is not null && text.IndexOf("$C", StringComparison.Ordinal) is var at and >= 0)
            text = text[..at] + _scan.Next(origin) + text[(at + 2)..];
        return text;
    }

    private string Watched(JsonElement value, string origin)
    {
        string text = value.GetString() ?? throw new InvalidOperationException(origin + " is null");
        _scan.Watch(text, origin);
        return text;
    }

    private void Search(string place, byte[] bytes) => _leaks.AddRange(_scan.Find(bytes).Select(f => $"{place}: {f}"));

    // Copies first, by a process that asks for no lock: reading here would wait for the server's locks, and closing end them.
    private string[] SearchFiles(TemporaryDirectory directory, string when)
    {
        using var copy = new TemporaryDirectory();
        using Process cp = Process.Start("cp", ["-r", directory.Path, copy.Path]);
        cp.WaitForExit();
        Assert.Equal(0, cp.ExitCode);
        var searched = new List<string>();
        foreach (string file in Directory.EnumerateFiles(copy.Path, "*", SearchOption.AllDirectories))
        {
            byte[] bytes = File.ReadAllBytes(file);
            Search($"{Path.GetFileName(file)} {when}", bytes);
            searched.Add($"{Path.GetFileName(file)} ({bytes.Length} bytes)");
        }
        return [.. searched];
    }
}
