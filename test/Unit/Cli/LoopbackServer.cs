using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Candlefish.Secrets.Tests.Unit.Cli;

/// <summary>A real HTTP server on loopback that answers from a script and keeps what it was asked.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Queue<(int Status, string Body)> _answers;
    private readonly Task _loop;

    internal LoopbackServer(IEnumerable<(int Status, string Body)> answers)
    {
        _answers = new Queue<(int, string)>(answers);
        var port = FreePort();
        Address = $"http://127.0.0.1:{port}";
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _loop = ServeAsync();
    }

    internal string Address { get; }

    /// <summary>Method, path with query and, if there is one, the body: <c>PUT /v1/a {"b":"c"}</c>.</summary>
    internal List<string> Requests { get; } = [];

    /// <summary>Values of X-Vault-Token, one per request; null when it was absent.</summary>
    internal List<string?> Tokens { get; } = [];

    public void Dispose()
    {
        _listener.Close();
        _loop.ContinueWith(static _ => { }, TaskScheduler.Default).Wait(TimeSpan.FromSeconds(5));
    }

    /// <summary>A port nobody listens on at the moment.</summary>
    internal static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            var body = await reader.ReadToEndAsync();
            Requests.Add($"{context.Request.HttpMethod} {context.Request.RawUrl}{(body.Length > 0 ? " " + body : "")}");
            Tokens.Add(context.Request.Headers["X-Vault-Token"]);
            var (status, answer) = _answers.Count > 0 ? _answers.Dequeue() : (500, """{"errors":["the script has no further answer"]}""");
            context.Response.StatusCode = status;
            var bytes = Encoding.UTF8.GetBytes(answer);
            context.Response.ContentType = "application/json";
            context.Response.ContentLength64 = bytes.Length;
            await context.Response.OutputStream.WriteAsync(bytes);
            context.Response.Close();
        }
    }
}
