using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Commands.Health;

/// <summary>The state of a node, from <c>sys/seal-status</c> and, when unsealed, <c>sys/leader</c>.</summary>
internal static class SealStatus
{
    /// <summary>Reads the state; it has no envelope.</summary>
    internal static async Task<JsonObject> ReadAsync(CliContext cli, CancellationToken cancellation)
    {
        var status = (await cli.Server.SendAsync(new VaultCall("GET", "sys/seal-status") { WrapTtl = "" }, cancellation)).Body.DeepClone().AsObject();
        if (!IsSealed(status))
        {
            var leader = await cli.Server.RawAsync(new VaultCall("GET", "sys/leader") { WrapTtl = "" }, cancellation);
            foreach (var (key, value) in leader.IsSuccess ? ApiReply.From(leader).Body : [])
            {
                status[key] = value?.DeepClone();
            }
        }

        return status;
    }

    internal static bool IsSealed(JsonObject status) => status["sealed"]?.ToString() == "true";

    /// <summary>Vault's table of it.</summary>
    internal static View ViewOf(JsonObject status)
    {
        var rows = new List<(string, string)>();
        void Add(string title, string key)
        {
            if (status.TryGetPropertyValue(key, out var value) && JsonText.Plain(value) is { Length: > 0 } text)
            {
                rows.Add((title, text));
            }
        }

        Add("Seal Type", "type");
        Add("Initialized", "initialized");
        Add("Sealed", "sealed");
        Add("Total Shares", "n");
        Add("Threshold", "t");
        if (IsSealed(status) && SecretView.Seconds(status["progress"]) > 0)
        {
            rows.Add(("Unseal Progress", $"{JsonText.Plain(status["progress"])}/{JsonText.Plain(status["t"])}"));
            Add("Unseal Nonce", "nonce");
        }

        Add("Version", "version");
        Add("Build Date", "build_date");
        Add("Storage Type", "storage_type");
        Add("Cluster Name", "cluster_name");
        Add("Cluster ID", "cluster_id");
        Add("HA Enabled", "ha_enabled");
        if (status["ha_enabled"]?.ToString() == "true")
        {
            rows.Add(("HA Mode", status["is_self"]?.ToString() == "true" ? "active" : "standby"));
            Add("Active Since", "active_time");
            Add("Active Node Address", "leader_address");
        }

        return new View(status) { Sections = [Section.Pairs(rows)], Fields = [status] };
    }
}
