using System.Diagnostics;
using System.Globalization;
using System.Text;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Fuzz.Http;

/// <summary>
/// The real process under tens of thousands of malformed requests: it refuses, shows nothing of its inside, stays alive and small.
/// <c>CANDLEFISH_FUZZ_SEED</c> repeats a run, <c>CANDLEFISH_FUZZ_REQUESTS</c> sets its length.
/// </summary>
public sealed class HttpFuzzTests : IDisposable
{
    private const string Token = "hvs.httpfuzz";
    private const int Workers = 24;
    private const int MaxGrowthMebibytes = 256;

    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(5);

    /// <summary>Words of the inside that no client may see.</summary>
    private static readonly string[] Insides = ["   at ", "Exception", "System.", "Microsoft.", "Candlefish.Secrets", ".cs:line", "Object reference", "JsonElement"];

    private static readonly int Seed = Number("CANDLEFISH_FUZZ_SEED", Random.Shared.Next());
    private static readonly int Requests = Number("CANDLEFISH_FUZZ_REQUESTS", 40_000);

    private readonly ITestOutputHelper _output;
    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _wrong = [];
    private readonly SortedDictionary<int, int> _statuses = [];
    private int _next;

    public HttpFuzzTests(ITestOutputHelper output) => _output = output;

    [Fact]
    public async Task Row127_Row106_malformedHttp_isRefused_andTheServerStaysWell()
    {
        using ServerProcess server = await ServerProcess.StartAsync(_directory.Path, "VAULT_TOKEN", "dev", "--listen", "127.0.0.1:0", "--root-token", Token);
        Uri address = server.AnnouncedAddress();
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = address };
        RouteRequests routes = await RouteRequests.LearnAsync(http, Token);
        Assert.True(routes.Count >= 100, $"{routes.Count} routes");
        string[] templates = [.. routes.Templates.Where(t => !t.StartsWith("sys/quotas", StringComparison.Ordinal) && !t.StartsWith("sys/audit", StringComparison.Ordinal) && t is not ("sys/seal" or "sys/step-down") && !t.StartsWith("auth/token/revoke", StringComparison.Ordinal))];
        for (int i = 0; i < 500; i++)
            await RouteAsync(http, address, routes, new Random(i), -1 - i);
        long before = server.MemoryBytes("VmRSS");
        long started = Stopwatch.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(http, address, routes, templates)));

        TimeSpan took = Stopwatch.GetElapsedTime(started);
        long growth = (server.MemoryBytes("VmRSS") - before) >> 20;
        _output.WriteLine($"seed {Seed}: {Requests} requests in {took.TotalSeconds:F0} s over {routes.Count} routes; memory grew by {growth} MiB (most: {(server.MemoryBytes("VmHWM") - before) >> 20})");
        _output.WriteLine("statuses: " + string.Join(", ", _statuses.Select(s => $"{s.Key}: {s.Value}")));
        Assert.True(_wrong.Count == 0, $"seed {Seed}: {_wrong.Count} wrong; the first:\n" + string.Join('\n', _wrong.Take(20)));
        Assert.True(growth < MaxGrowthMebibytes, $"seed {Seed}: memory grew by {growth} MiB");
        Assert.Equal(200, (int)(await http.GetAsync(new Uri("v1/sys/health", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        Assert.DoesNotContain("   at ", server.Log, StringComparison.Ordinal);
        // Both sides were reached: what is well-formed is taken.
        Assert.True(_statuses.GetValueOrDefault(200) + _statuses.GetValueOrDefault(204) > Requests / 100, "hardly a request was taken");
        Assert.True(_statuses.GetValueOrDefault(400) > Requests / 20, "hardly a request was refused");
    }

    public void Dispose() => _directory.Dispose();

    private async Task WorkAsync(HttpClient http, Uri address, RouteRequests routes, string[] templates)
    {
        while (Interlocked.Increment(ref _next) is var number && number <= Requests)
        {
            var random = new Random(unchecked(Seed + (number * 7_919)));
            if (random.Next(2) == 0)
                await RouteAsync(http, address, routes, random, number);
            else
                await RawAsync(address, templates, random, number);
        }
    }

    private async Task RouteAsync(HttpClient http, Uri address, RouteRequests routes, Random random, int number)
    {
        using HttpRequestMessage request = routes.Next(random, address);
        string name = $"{request.Method} {request.RequestUri?.OriginalString}";
        using var limit = new CancellationTokenSource(HangLimit);
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, limit.Token);
            Judge(number, name, (int)response.StatusCode, await response.Content.ReadAsStringAsync(limit.Token));
        }
        catch (OperationCanceledException)
        {
            Wrong(number, name, $"no answer within {HangLimit}");
        }
        catch (HttpRequestException e) when (e.InnerException is IOException or System.Net.Sockets.SocketException || e.HttpRequestError is HttpRequestError.ResponseEnded)
        {
            // Refused while the body was still being sent.
            Count(0);
        }
    }

    private async Task RawAsync(Uri address, string[] templates, Random random, int number)
    {
        byte[] bytes = RawRequests.Next(random, templates, Token);
        RawExchange exchange = await RawExchange.RunAsync(address, bytes, HangLimit);
        string name = Encoding.Latin1.GetString(bytes);
        if (!exchange.IsClosed)
            Wrong(number, name, $"the connection is still open after {HangLimit}");
        int[] statuses = [.. exchange.Statuses];
        if (statuses.Length == 0)
            Count(0);
        foreach (int status in statuses)
            Judge(number, name, status, statuses.All(s => s < 400) ? "" : exchange.Answer);
    }

    private void Judge(int number, string name, int status, string answer)
    {
        Count(status);
        // 501: a method or coding that is none; 505: a version; 503 and 507: deliberate refusals of load.
        if (status >= 500 && status is not (501 or 503 or 505 or 507))
            Wrong(number, name, $"{status} {answer}");
        if (status >= 400 && Insides.FirstOrDefault(i => answer.Contains(i, StringComparison.Ordinal)) is { } inside)
            Wrong(number, name, $"{status} shows '{inside}': {answer}");
    }

    private void Count(int status)
    {
        lock (_statuses)
            _statuses[status] = _statuses.GetValueOrDefault(status) + 1;
    }

    private void Wrong(int number, string name, string what)
    {
        string request = name.Length > 300 ? name[..300] + "…" : name;
        lock (_wrong)
            _wrong.Add($"{number}: {request.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}: {what.Trim()}");
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) ? number : otherwise;
}
