using System.Net;
using System.Text;
using Candlefish.Secrets.Server;
using Candlefish.Secrets.Vault;

namespace Candlefish.Secrets.Tests.Support;

/// <summary>
/// The real server in this process: Kestrel on a free port, in-memory storage, initialized, unsealed, <c>secret/</c> mounted
/// when the KV engine exists. Disposing stops it and fails when it left something behind.
/// </summary>
public sealed class TestServer : IAsyncDisposable
{
    public const string RootToken = "hvs.rootOfTestServer";

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private readonly StringWriter _log;

    private TestServer(RunningServer server, StringWriter log, TemporaryDirectory directory)
    {
        Server = server;
        _log = log;
        Directory = directory;
        Address = server.Addresses[0];
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = Address };
    }

    public RunningServer Server { get; }

    public VaultNode Node => Server.Node;

    /// <summary><c>http://127.0.0.1:PORT/</c>.</summary>
    public Uri Address { get; }

    /// <summary>Sends no token by itself.</summary>
    public HttpClient Http { get; }

    /// <summary>A folder of this server's own, deleted at the end.</summary>
    public TemporaryDirectory Directory { get; }

    /// <summary>What the server logged so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <param name="time">Clock of the vault; the real one when left out.</param>
    /// <param name="environment">Environment variables that the server sees: no others.</param>
    public static async Task<TestServer> StartAsync(TimeProvider? time = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var directory = new TemporaryDirectory();
        var log = new StringWriter();
        var start = new ServerStart
        {
            Development = new DevelopmentOptions { ListenAddress = "127.0.0.1:0", RootToken = RootToken },
            WorkingDirectory = directory.Path,
            Environment = name => environment?.GetValueOrDefault(name),
            Time = time ?? TimeProvider.System,
            Output = TextWriter.Null,
            Error = TextWriter.Synchronized(log),
        };
        return new TestServer(await ServerHost.StartAsync(start, CancellationToken.None), log, directory);
    }

    public Task<TestReply> ReadAsync(string path, string? token = RootToken) => SendAsync(HttpMethod.Get, path, token: token);

    public Task<TestReply> ListAsync(string path, string? token = RootToken) => SendAsync(new HttpMethod("LIST"), path, token: token);

    public Task<TestReply> DeleteAsync(string path, string? token = RootToken) => SendAsync(HttpMethod.Delete, path, token: token);

    public Task<TestReply> WriteAsync(string path, string json = "{}", string? token = RootToken) => SendAsync(HttpMethod.Post, path, json, token);

    /// <summary>Sends to <c>/v1/PATH</c>; the path may hold a query and is sent as given.</summary>
    /// <param name="token"><see langword="null"/> = no token header.</param>
    public async Task<TestReply> SendAsync(HttpMethod method, string path, string? json = null, string? token = RootToken, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(Address + "v1/" + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        if (token is not null)
            request.Headers.Add("X-Vault-Token", token);
        foreach ((string name, string value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using HttpResponseMessage response = await Http.SendAsync(request);
        return await TestReply.OfAsync(response);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Task stopping = Server.StopAsync();
        if (await Task.WhenAny(stopping, Task.Delay(StopLimit)) != stopping)
            throw new InvalidOperationException($"the server did not stop within {StopLimit}");
        await stopping;
        Directory.Dispose();
        if (Server.RunningRequests != 0 || Server.LentBodyBytes != 0)
            throw new InvalidOperationException($"the stopped server still counts {Server.RunningRequests} requests and {Server.LentBodyBytes} bytes of bodies");
    }
}

/// <summary>Status, headers and body of an HTTP answer.</summary>
public sealed class TestReply
{
    private readonly TestResponse _body;

    private TestReply(HttpStatusCode status, byte[] body, IReadOnlyDictionary<string, string> headers)
    {
        _body = new TestResponse((int)status, body);
        Headers = headers;
    }

    public int Status => _body.Status;

    /// <summary>All headers, names without regard to case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    public string Text => _body.Text;

    public System.Text.Json.JsonElement Json => _body.Json;

    public System.Text.Json.JsonElement Data => _body.Data;

    public string Error => _body.Error;

    public static async Task<TestReply> OfAsync(HttpResponseMessage response)
    {
        Dictionary<string, string> headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new TestReply(response.StatusCode, await response.Content.ReadAsByteArrayAsync(), headers);
    }
}
