using System.Text.Json;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Quotas;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary><c>sys/quotas</c>: rate limits and their configuration (Vault API: Rate Limit Quotas).</summary>
internal sealed class QuotaRoutes(UnsealedVault vault)
{
    private const int MaxNameLength = 128;
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestBlock = TimeSpan.FromDays(30);

    public IEnumerable<Route> Routes() =>
    [
        Route.At("quotas/config", "Shows or changes how all rate limits behave.")
            .Takes(
                Field.Flag("enable_rate_limit_audit_logging", "Requests that a limit refuses appear in the audit trail.", "false"),
                Field.Flag("enable_rate_limit_response_headers", "Answers carry X-Ratelimit-Limit, -Remaining and -Reset.", "false"),
                Field.TextList("rate_limit_exempt_paths", "Paths without limits, relative to /v1/; a trailing * takes all that begin so."))
            .Reads(ReadConfigAsync).Writes(WriteConfigAsync),
        Route.At("quotas/rate-limit", "Lists the rate limits.").Lists(ListAsync),
        Route.At("quotas/rate-limit/{name}", "Reads, writes or deletes a rate limit.")
            .Takes(
                Field.Text("path", "Empty = everything; a mount; a path; or, with a trailing *, all paths that begin so."),
                Field.Number("rate", "Requests per interval that each client address may send.").Required(),
                Field.Duration("interval", "Time that the rate is for.", "1s"),
                Field.Duration("block_interval", "A client over the limit is refused for this long; 0 = until the interval ends."),
                Field.Flag("inheritable", "Namespaces below take it over; true for the limit on everything."),
                Field.Text("role", "Not offered: it would need the body of a login before the limit."),
                Field.Text("type", "Always rate-limit."))
            .Reads(ReadAsync).Writes(WriteAsync).Deletes(DeleteAsync),
    ];

    private static async ValueTask<VaultResponse> ReadConfigAsync(RequestContext context)
    {
        QuotaConfig config = (await QuotaStore.ReadAsync(context.Transaction, context.Cancellation)).Config;
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteBoolean("enable_rate_limit_audit_logging", config.AuditLogging);
            w.WriteBoolean("enable_rate_limit_response_headers", config.ResponseHeaders);
            w.WriteStrings("rate_limit_exempt_paths", config.ExemptPaths ?? QuotaConfig.StandardExemptPaths);
        }));
    }

    private async ValueTask<VaultResponse> WriteConfigAsync(RequestContext context)
    {
        QuotaRecord record = await QuotaStore.ReadAsync(context.Transaction, context.Cancellation);
        FieldReader fields = context.Fields;
        IReadOnlyList<string>? exempt = record.Config.ExemptPaths;
        if (fields.TextList("rate_limit_exempt_paths") is { } paths)
            exempt = [.. paths.Where(p => p.Length > 0).Select(ExemptPath).Distinct(StringComparer.Ordinal)];
        if (exempt?.Count > QuotaStore.MaxRules)
            return VaultResponse.BadRequest($"'rate_limit_exempt_paths' must not hold more than {QuotaStore.MaxRules} paths");
        vault.Quotas.Put(context.Transaction, record with
        {
            Config = record.Config with
            {
                AuditLogging = fields.Flag("enable_rate_limit_audit_logging") ?? record.Config.AuditLogging,
                ResponseHeaders = fields.Flag("enable_rate_limit_response_headers") ?? record.Config.ResponseHeaders,
                ExemptPaths = exempt,
            },
        });
        return VaultResponse.NoContent();
    }

    private static async ValueTask<VaultResponse> ListAsync(RequestContext context) =>
        VaultResponse.List([.. (await QuotaStore.ReadAsync(context.Transaction, context.Cancellation)).Rules.Select(r => r.Name).Order(StringComparer.Ordinal)]);

    private static async ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        string name = NameOf(context);
        QuotaRecord record = await QuotaStore.ReadAsync(context.Transaction, context.Cancellation);
        return record.Rules.FirstOrDefault(r => r.Name == name) is { } rule
            ? VaultResponse.Ok(JsonData.Object(w => WriteRule(w, rule)))
            : VaultResponse.NotFound();
    }

    private async ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        string name = NameOf(context);
        FieldReader fields = context.Fields;
        if (fields.Text("type") is not (null or "" or "rate-limit"))
            return VaultResponse.BadRequest("'type' must be rate-limit");
        if (fields.Text("role") is { Length: > 0 })
            return VaultResponse.BadRequest("limits per role are not offered: limit the login path instead, for example auth/userpass/login/*");
        QuotaRecord record = await QuotaStore.ReadAsync(context.Transaction, context.Cancellation);
        RateLimitRule? old = record.Rules.FirstOrDefault(r => r.Name == name);
        if (old is null && record.Rules.Count >= QuotaStore.MaxRules)
            return VaultResponse.BadRequest($"there are {QuotaStore.MaxRules} quotas already: delete some first");
        double? rate = fields.Number("rate") ?? old?.Rate;
        if (rate is not (> 0 and <= int.MaxValue))
            return VaultResponse.BadRequest("'rate' must be greater than 0");
        string path = fields.Text("path") is { } given ? PathOf(context, given) : old?.Path ?? "";
        var rule = new RateLimitRule
        {
            Name = name,
            Path = path,
            Rate = rate.Value,
            Interval = Within(fields.Ttl("interval"), LongestInterval, "interval") is { } interval && interval > TimeSpan.Zero ? interval : old?.Interval ?? TimeSpan.FromSeconds(1),
            BlockInterval = Within(fields.Ttl("block_interval"), LongestBlock, "block_interval") ?? old?.BlockInterval ?? TimeSpan.Zero,
            Inheritable = fields.Flag("inheritable") ?? path.Length == 0,
            Since = record.Version + 1,
        };
        if (rule.Inheritable != (path.Length == 0))
            return VaultResponse.BadRequest(path.Length == 0 ? "all global quotas must be inheritable" : "only namespace quotas can be configured as inheritable");
        if (rule.Window > LongestBlock)
            return VaultResponse.BadRequest("'rate' is less than one request in 30 days: give a greater rate");
        if (record.Rules.FirstOrDefault(r => r.Path == path && r.Name != name) is { } similar)
            return VaultResponse.BadRequest($"quota rule with similar properties exists under the name \"{similar.Name}\"");
        vault.Quotas.Put(context.Transaction, record with { Rules = [.. record.Rules.Where(r => r.Name != name), rule] });
        return VaultResponse.NoContent();
    }

    private async ValueTask<VaultResponse> DeleteAsync(RequestContext context)
    {
        string name = NameOf(context);
        QuotaRecord record = await QuotaStore.ReadAsync(context.Transaction, context.Cancellation);
        if (record.Rules.Any(r => r.Name == name))
            vault.Quotas.Put(context.Transaction, record with { Rules = [.. record.Rules.Where(r => r.Name != name)] });
        return VaultResponse.NoContent();
    }

    /// <summary>The canonical path of a rule: a mount that exists, and what follows it.</summary>
    private string PathOf(RequestContext context, string given)
    {
        string path = given.TrimStart('/');
        if (path.Length == 0)
            return "";
        if (!CanonicalPath.TryParse(path, out _, out string problem))
            throw RequestRefused.BadRequest(problem);
        if (path.AsSpan(0, path.Length - 1).Contains('*') || path.Contains('+', StringComparison.Ordinal))
            throw RequestRefused.BadRequest("'path' may hold one '*', at its end, and no '+'");
        Router router = vault.Mounts(context.Namespace).Router;
        if (router.Exactly(path.TrimEnd('/') + "/") is { } whole)
            return whole.RoutePrefix;
        if (router.Find(path) is null)
            throw RequestRefused.BadRequest("'path' begins with no mount: enable the mount first, or leave the path empty to limit everything");
        return path.TrimEnd('/');
    }

    private static string ExemptPath(string given)
    {
        string path = given.StartsWith("/v1/", StringComparison.Ordinal) ? given["/v1/".Length..] : given.TrimStart('/');
        if (!CanonicalPath.TryParse(path, out _, out string problem))
            throw RequestRefused.BadRequest(problem);
        return path.Length > 0 && !path.AsSpan(0, path.Length - 1).Contains('*')
            ? path
            : throw RequestRefused.BadRequest("a path of 'rate_limit_exempt_paths' may hold one '*', at its end");
    }

    private static TimeSpan? Within(TimeSpan? value, TimeSpan longest, string field) =>
        value > longest ? throw RequestRefused.BadRequest($"'{field}' must be at most {longest.TotalDays:0} days") : value;

    /// <summary>Names are compared as they are: two letter cases are two quotas, for policies as for storage.</summary>
    private static string NameOf(RequestContext context)
    {
        string name = context.Capture("name");
        return name.Length <= MaxNameLength && !name.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? name
            : throw RequestRefused.BadRequest($"the name of a quota must have at most {MaxNameLength} printable ASCII characters and no spaces");
    }

    private static void WriteRule(Utf8JsonWriter w, RateLimitRule rule)
    {
        w.WriteSeconds("block_interval", rule.BlockInterval);
        w.WriteBoolean("inheritable", rule.Inheritable);
        w.WriteSeconds("interval", rule.Interval);
        w.WriteString("name", rule.Name);
        w.WriteString("path", rule.Path);
        w.WriteNumber("rate", rule.Rate);
        w.WriteString("role", "");
        w.WriteString("type", "rate-limit");
    }
}
