using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Candlefish.Secrets.Tests.Crash;

/// <summary>
/// The product itself in a process of its own: <c>candlefish-secrets server</c> on SQLite with file audit, started, killed
/// with SIGKILL and started again over the same folder.
/// </summary>
internal sealed class CrashableServer : IDisposable
{
    private readonly string _directory;
    private readonly StringBuilder _log = new();
    private Process? _process;
    private string _shareHex = "";

    public CrashableServer(string directory)
    {
        _directory = directory;
        Port = FreePort();
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}/v1/"), Timeout = TimeSpan.FromSeconds(20) };
        foreach (string folder in new[] { "data", "audit" })
            Directory.CreateDirectory(Path.Join(directory, folder), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Join(directory, "server.hcl"), $$"""
            storage "file" { path = "{{directory}}/data" }
            listener "tcp" {
              address     = "127.0.0.1:{{Port}}"
              tls_disable = true
            }
            audit_directory = "{{directory}}/audit"
            """);
    }

    public int Port { get; }

    public HttpClient Http { get; }

    public string RootToken { get; private set; } = "";

    public string AuditDirectory => Path.Join(_directory, "audit");

    /// <summary>What the server printed since its last start.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>Starts the process and waits until it listens; unseals it when it was initialized before.</summary>
    /// <returns>Time from the start of the process to the first answer of an unsealed vault.</returns>
    public async Task<TimeSpan> StartAsync()
    {
        long started = Stopwatch.GetTimestamp();
        Launch();
        if (_shareHex.Length == 0)
            await InitializeAsync();
        await PutAsync("sys/unseal", $$"""{"key":"{{_shareHex}}"}""", "");
        using HttpResponseMessage health = await Http.GetAsync("sys/health");
        if (health.StatusCode != HttpStatusCode.OK)
            throw new InvalidOperationException($"the server does not serve after unseal: {(int)health.StatusCode}\n{Log}");
        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Starts the process and returns as soon as it listens; it may be killed at any time meanwhile.</summary>
    public void Launch()
    {
        lock (_log)
            _log.Clear();
        var start = new ProcessStartInfo(Path.Join(AppContext.BaseDirectory, "candlefish-secrets"), ["server", "-config=" + Path.Join(_directory, "server.hcl")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _directory,
        };
        start.Environment["CANDLEFISH_ENV"] = "testing";
        _process = Process.Start(start) ?? throw new InvalidOperationException("the server did not start");
        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        for (int i = 0; i < 1_000 && !_process.HasExited; i++)
        {
            try
            {
                using var probe = new TcpClient();
                probe.Connect(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException)
            {
                Thread.Sleep(10);
            }
        }
        throw new InvalidOperationException($"the server does not listen on {Port}:\n{Log}");
    }

    /// <summary>SIGKILL: nothing is flushed, nothing is closed.</summary>
    public void Kill()
    {
        if (_process is null)
            return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path, string? token = null) => await SendAsync(HttpMethod.Get, path, null, token);

    public async Task<(HttpStatusCode Status, JsonElement Body)> PutAsync(string path, string json, string? token = null) => await SendAsync(HttpMethod.Put, path, json, token);

    public void Dispose()
    {
        Kill();
        Http.Dispose();
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string? json, string? token)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if ((token ?? RootToken) is { Length: > 0 } sent)
            request.Headers.Add("X-Vault-Token", sent);
        using HttpResponseMessage response = await Http.SendAsync(request);
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        return (response.StatusCode, body.Length == 0 ? default : JsonDocument.Parse(body).RootElement.Clone());
    }

    private async Task InitializeAsync()
    {
        (HttpStatusCode status, JsonElement body) = await PutAsync("sys/init", """{"secret_shares":1,"secret_threshold":1}""", "");
        if (status != HttpStatusCode.OK)
            throw new InvalidOperationException($"init answered {(int)status}\n{Log}");
        _shareHex = body.GetProperty("keys")[0].GetString() ?? "";
        RootToken = body.GetProperty("root_token").GetString() ?? "";
    }

    private void Append(string? line)
    {
        lock (_log)
            _log.AppendLine(line);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
