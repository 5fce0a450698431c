using System.Globalization;
using System.Text.Json;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Quotas;

/// <summary>Rate limits, checked before a request costs anything: before its body is parsed and its token looked up.</summary>
/// <remarks>
/// All rules are one record (<c>sys/quotas</c> of the root namespace), read at unseal and swapped as a whole when a change
/// has committed. Paths of rules include the path of their namespace. Counters live in memory and are per node. Thread-safe.
/// </remarks>
internal sealed class QuotaStore
{
    /// <summary>Most rules.</summary>
    public const int MaxRules = 1_000;

    private const string Key = "sys/quotas";

    private readonly UnsealedVault _vault;
    private readonly RateLimiter _limiter;
    private readonly Lock _swapGate = new();
    private volatile QuotaTable _table = new(QuotaRecord.Empty);

    private QuotaStore(UnsealedVault vault)
    {
        _vault = vault;
        _limiter = new RateLimiter(vault.Time);
    }

    /// <summary>Requests that a limit refuses appear in the audit trail.</summary>
    public bool AuditsRefusals => _table.Record.Config.AuditLogging;

    /// <summary>The rules that hold now.</summary>
    public QuotaTable Table => _table;

    public static async ValueTask<QuotaStore> LoadAsync(UnsealedVault vault, CancellationToken cancellation)
    {
        var store = new QuotaStore(vault);
        await store.ReloadAsync(cancellation);
        return store;
    }

    /// <summary>Reads the rules again: another node may have changed them.</summary>
    public async ValueTask ReloadAsync(CancellationToken cancellation)
    {
        using StorageTransaction tx = _vault.Barrier.Begin();
        Swap(await ReadAsync(tx, cancellation));
    }

    /// <summary>Lets the request pass (<see langword="null"/>), or answers 429.</summary>
    public VaultResponse? Admit(RequestContext context)
    {
        QuotaTable table = _table;
        if (table.IsEmpty)
            return null;
        string ns = context.Namespace.Path;
        if (table.Find(ns + context.Path, context.Mount.Entry.Type.Length == 0 ? "" : ns + context.Mount.RoutePrefix) is not { } rule)
            return null;
        Verdict verdict = _limiter.Take(rule, context.Request.RemoteAddress, table.LongestMemory);
        if (table.Record.Config.ResponseHeaders)
            context.LimitHeaders = HeadersOf(verdict);
        if (verdict.IsAllowed)
            return null;
        context.IsRateLimited = true;
        VaultResponse refused = VaultResponse.Error(429, $"request path \"{context.Path}\": rate limit quota exceeded");
        refused.Headers = new Dictionary<string, string> { ["Retry-After"] = WholeSeconds(verdict.Reset) };
        return refused;
    }

    /// <summary>The rules as a transaction sees them.</summary>
    public static async ValueTask<QuotaRecord> ReadAsync(StorageTransaction tx, CancellationToken cancellation)
    {
        if (await tx.GetAsync(Key, cancellation) is not { } stored)
            return QuotaRecord.Empty;
        return JsonSerializer.Deserialize(stored, QuotaJson.Default.QuotaRecord) ?? throw new BarrierException(Key);
    }

    /// <summary>Writes the record that was read in this transaction, changed. It holds from the next request on.</summary>
    public void Put(StorageTransaction tx, QuotaRecord changed)
    {
        QuotaRecord record = changed with { Version = changed.Version + 1 };
        tx.Put(Key, JsonSerializer.SerializeToUtf8Bytes(record, QuotaJson.Default.QuotaRecord));
        tx.AfterCommit(() => Swap(record));
    }

    /// <summary>A mount goes: its rules with it.</summary>
    public ValueTask RemoveMountAsync(StorageTransaction tx, Mount mount, CancellationToken cancellation) =>
        MoveAsync(tx, mount.Namespace.Path + mount.RoutePrefix, null, cancellation);

    /// <summary>A mount moves: its rules with it.</summary>
    /// <param name="to">Its new route prefix, such as <c>kv2/</c>.</param>
    public ValueTask MoveMountAsync(StorageTransaction tx, Mount mount, string to, CancellationToken cancellation) =>
        MoveAsync(tx, mount.Namespace.Path + mount.RoutePrefix, mount.Namespace.Path + to, cancellation);

    private async ValueTask MoveAsync(StorageTransaction tx, string from, string? to, CancellationToken cancellation)
    {
        QuotaRecord record = await ReadAsync(tx, cancellation);
        if (!record.Rules.Any(r => r.Path.StartsWith(from, StringComparison.Ordinal)))
            return;
        var rules = new List<RateLimitRule>();
        foreach (RateLimitRule rule in record.Rules)
        {
            if (!rule.Path.StartsWith(from, StringComparison.Ordinal))
                rules.Add(rule);
            else if (to is not null)
                rules.Add(rule with { Path = to + rule.Path[from.Length..] });
        }
        Put(tx, record with { Rules = rules });
    }

    /// <summary>Commits may report in another order than they happened: the newest record stays.</summary>
    private void Swap(QuotaRecord record)
    {
        lock (_swapGate)
        {
            if (record.Version >= _table.Record.Version)
                _table = new QuotaTable(record);
        }
    }

    private static Dictionary<string, string> HeadersOf(Verdict verdict) => new()
    {
        ["X-Ratelimit-Limit"] = verdict.Limit.ToString(CultureInfo.InvariantCulture),
        ["X-Ratelimit-Remaining"] = verdict.Remaining.ToString(CultureInfo.InvariantCulture),
        ["X-Ratelimit-Reset"] = WholeSeconds(verdict.Reset),
    };

    private static string WholeSeconds(TimeSpan time) => Math.Max(1, (long)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
