using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Candlefish.Secrets.Tests.Crash;

/// <summary>
/// One client of a crashing server and what it may believe: what was acknowledged must be there, what was in flight must be
/// there whole or not at all, nothing else may be.
/// </summary>
internal sealed class CrashModel(CrashableServer server, int client, Random random)
{
    private const int Keys = 6;
    private readonly Key[] _keys = [.. Enumerable.Range(0, Keys).Select(_ => new Key())];
    private readonly List<string> _liveTokens = [];
    private readonly List<string> _deadTokens = [];
    private string? _tokenBeingRevoked;

    public long Acknowledged { get; private set; }

    /// <summary>Writes until the server dies or <paramref name="stop"/> comes.</summary>
    public async Task WorkAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
                await (random.Next(20) == 0 ? TouchTokensAsync() : WriteAsync(random.Next(Keys)));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
        {
            // The server was killed: what was in flight stays marked as such.
        }
    }

    /// <summary>Compares the restarted server with the model; throws with what differs.</summary>
    public async Task VerifyAsync(string where)
    {
        for (int i = 0; i < Keys; i++)
            await VerifyKeyAsync(i, where);
        foreach (string token in _liveTokens)
            Require((await server.GetAsync("auth/token/lookup-self", token)).Status == HttpStatusCode.OK, where, "an acknowledged token is gone");
        foreach (string token in _deadTokens)
            Require((await server.GetAsync("auth/token/lookup-self", token)).Status == HttpStatusCode.Forbidden, where, "a token that was revoked and acknowledged works again");
        if (_tokenBeingRevoked is { } doubtful)
        {
            bool lives = (await server.GetAsync("auth/token/lookup-self", doubtful)).Status == HttpStatusCode.OK;
            (lives ? _liveTokens : _deadTokens).Add(doubtful);
            _tokenBeingRevoked = null;
        }
    }

    private async Task WriteAsync(int index)
    {
        Key key = _keys[index];
        long next = key.Version + 1;
        // Long and short values: a torn one would not parse, or not match.
        string value = string.Create(CultureInfo.InvariantCulture, $"{client}:{index}:{next}:{new string('v', random.Next(2_000))}:end");
        key.InFlight = value;
        (HttpStatusCode status, JsonElement body) = await server.PutAsync(PathOf(index), $$$"""{"options":{"cas":{{{key.Version}}}},"data":{"value":"{{{value}}}"}}""");
        Require(status == HttpStatusCode.OK, PathOf(index), $"a check-and-set write on version {key.Version} answered {(int)status} {body}");
        Require(body.GetProperty("data").GetProperty("version").GetInt64() == next, PathOf(index), "the acknowledged version is not the next one");
        key.Version = next;
        key.Value = value;
        key.InFlight = null;
        Acknowledged++;
    }

    private async Task TouchTokensAsync()
    {
        if (_liveTokens.Count < 4)
        {
            (HttpStatusCode status, JsonElement body) = await server.PutAsync("auth/token/create", """{"policies":["default"],"ttl":"24h"}""");
            Require(status == HttpStatusCode.OK, "auth/token/create", $"answered {(int)status} {body}");
            _liveTokens.Add(body.GetProperty("auth").GetProperty("client_token").GetString() ?? "");
        }
        else
        {
            _tokenBeingRevoked = _liveTokens[0];
            _liveTokens.RemoveAt(0);
            (HttpStatusCode status, _) = await server.PutAsync("auth/token/revoke", $$"""{"token":"{{_tokenBeingRevoked}}"}""");
            Require(status == HttpStatusCode.NoContent, "auth/token/revoke", $"answered {(int)status}");
            _deadTokens.Add(_tokenBeingRevoked);
            if (_deadTokens.Count > 8)
                _deadTokens.RemoveAt(0);
            _tokenBeingRevoked = null;
        }
        Acknowledged++;
    }

    private async Task VerifyKeyAsync(int index, string where)
    {
        Key key = _keys[index];
        (HttpStatusCode status, JsonElement body) = await server.GetAsync(PathOf(index));
        where = $"{where}, {PathOf(index)}";
        if (status == HttpStatusCode.NotFound)
        {
            Require(key.Version == 0, where, $"version {key.Version} was acknowledged and is gone");
            key.InFlight = null;
            return;
        }
        Require(status == HttpStatusCode.OK, where, $"read answered {(int)status} {body}");
        long version = body.GetProperty("data").GetProperty("metadata").GetProperty("version").GetInt64();
        string value = body.GetProperty("data").GetProperty("data").GetProperty("value").GetString() ?? "";
        bool isAcknowledged = version == key.Version && value == key.Value;
        bool isInFlight = version == key.Version + 1 && value == key.InFlight;
        Require(isAcknowledged || isInFlight, where, $"version {version} is there; {key.Version} was acknowledged; in flight: {key.InFlight is not null}; the value {(value == key.Value ? "is the old one" : "differs")}");
        key.Version = version;
        key.Value = value;
        key.InFlight = null;
    }

    private string PathOf(int index) => $"secret/data/c{client}/k{index}";

    private static void Require(bool holds, string where, string what)
    {
        if (!holds)
            throw new InvalidOperationException($"{where}: {what}");
    }

    private sealed class Key
    {
        public long Version;
        public string? Value;
        public string? InFlight;
    }
}
