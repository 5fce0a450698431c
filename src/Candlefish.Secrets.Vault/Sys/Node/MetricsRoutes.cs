using System.Globalization;
using System.Text;
using System.Text.Json;
using Candlefish.Secrets.Vault.Metrics;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys.Node;

/// <summary>
/// <c>sys/metrics</c>: the node's metrics as JSON, or as Prometheus text with <c>?format=prometheus</c> (Vault API).
/// </summary>
internal sealed class MetricsRoutes(UnsealedVault vault)
{
    private static readonly double[] Quantiles = [0.5, 0.9, 0.99];

    public IEnumerable<Route> Routes()
    {
        Route route = Route.At("metrics", "Shows the metrics of this node.").Takes(Field.Text("format", "prometheus, or empty for JSON.")).Reads(ReadAsync);
        yield return vault.Options.UnauthenticatedMetrics ? route.Unauthenticated() : route;
    }

    private ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        string format = context.Fields.Text("format") ?? "";
        if (format is not ("" or "prometheus" or "json"))
            return ValueTask.FromResult(VaultResponse.BadRequest("metric response format must be empty or 'prometheus'"));
        if (format == "prometheus")
        {
            return ValueTask.FromResult(new VaultResponse
            {
                Shape = ResponseShape.Raw,
                Raw = new RawBody("text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(PrometheusText())),
            });
        }
        return ValueTask.FromResult(VaultResponse.Bare(JsonData.Object(w => WriteJson(w, context.Now))));
    }

    private IEnumerable<(string Name, double Value)> Gauges()
    {
        yield return ("vault.core.active", 1);
        yield return ("vault.core.unsealed", 1);
        yield return ("vault.core.mount_table.num_entries", vault.Mounts(Namespaces.Namespace.Root).Router.Mounts.Count());
        yield return ("vault.barrier.term", vault.Barrier.ActiveTerm.Term);
        yield return ("vault.barrier.encryptions", vault.Barrier.ActiveTerm.Encryptions);
        yield return ("vault.runtime.alloc_bytes", GC.GetTotalMemory(forceFullCollection: false));
        yield return ("vault.runtime.sys_bytes", Environment.WorkingSet);
        yield return ("vault.runtime.total_gc_runs", GC.CollectionCount(0));
        yield return ("vault.runtime.total_gc_pause_ns", GC.GetTotalPauseDuration().TotalNanoseconds);
        yield return ("vault.runtime.num_threads", ThreadPool.ThreadCount);
        yield return ("vault.runtime.pending_work_items", ThreadPool.PendingWorkItemCount);
        yield return ("vault.secrets.degraded_protections", Enum.GetValues<SecretProtection>().Sum(SecretMemory.DegradedCount));
    }

    private void WriteJson(Utf8JsonWriter writer, DateTimeOffset now)
    {
        writer.WriteString("Timestamp", now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss '+0000 UTC'", CultureInfo.InvariantCulture));
        writer.WriteStartArray("Gauges");
        foreach ((string name, double value) in Gauges())
        {
            writer.WriteStartObject();
            writer.WriteString("Name", name);
            writer.WriteNumber("Value", value);
            WriteNoLabels(writer);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("Points");
        writer.WriteEndArray();
        WriteSeries(writer, "Counters", vault.Metrics.Counters);
        WriteSeries(writer, "Samples", vault.Metrics.Samples);
    }

    private static void WriteSeries(Utf8JsonWriter writer, string member, IEnumerable<KeyValuePair<string, Summary>> series)
    {
        writer.WriteStartArray(member);
        foreach ((string name, Summary summary) in series)
        {
            writer.WriteStartObject();
            writer.WriteString("Name", name);
            writer.WriteNumber("Count", summary.Count);
            writer.WriteNumber("Sum", summary.Sum);
            writer.WriteNumber("Min", summary.Min);
            writer.WriteNumber("Max", summary.Max);
            writer.WriteNumber("Mean", summary.Mean);
            writer.WriteNumber("Stddev", summary.Deviation);
            WriteNoLabels(writer);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteNoLabels(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("Labels");
        writer.WriteEndObject();
    }

    private string PrometheusText()
    {
        var text = new StringBuilder();
        foreach ((string name, double value) in Gauges())
            Line(text, name, "gauge").Append(NameOf(name)).Append(' ').Append(Number(value)).Append('\n');
        foreach ((string name, Summary summary) in vault.Metrics.Counters)
            Line(text, name, "counter").Append(NameOf(name)).Append(' ').Append(Number(summary.Sum)).Append('\n');
        foreach ((string name, Summary summary) in vault.Metrics.Samples)
        {
            Line(text, name, "summary");
            foreach (double quantile in Quantiles)
                text.Append(NameOf(name)).Append("{quantile=\"").Append(Number(quantile)).Append("\"} ").Append(Number(summary.Quantile(quantile))).Append('\n');
            text.Append(NameOf(name)).Append("_sum ").Append(Number(summary.Sum)).Append('\n');
            text.Append(NameOf(name)).Append("_count ").Append(summary.Count).Append('\n');
        }
        return text.ToString();
    }

    private static StringBuilder Line(StringBuilder text, string name, string type) =>
        text.Append("# HELP ").Append(NameOf(name)).Append(' ').Append(name).Append("\n# TYPE ").Append(NameOf(name)).Append(' ').Append(type).Append('\n');

    // Prometheus names hold letters, digits and underscores: what else a mount path has becomes an underscore.
    private static string NameOf(string name) =>
        string.Create(name.Length, name, static (to, from) =>
        {
            for (int i = 0; i < from.Length; i++)
                to[i] = char.IsAsciiLetterOrDigit(from[i]) ? from[i] : '_';
        });

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
