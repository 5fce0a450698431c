using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Sys.Node;
using Candlefish.Secrets.Vault.Seals;

namespace Candlefish.Secrets.Vault.Sys.Keys;

/// <summary><c>sys/seal-status</c> and <c>sys/unseal</c> (Vault API).</summary>
internal static class UnsealRoutes
{
    public static IEnumerable<NodeRoute> Of(VaultNode node) =>
    [
        new NodeRoute(
            "sys/seal-status",
            "Shows whether the vault is sealed and how far an unseal has come.",
            new Dictionary<Operation, NodeHandler> { [Operation.Read] = (_, _) => ValueTask.FromResult(Status(node)) }),
        new NodeRoute(
            "sys/unseal",
            "Gives one key share, or forgets the shares given so far.",
            new Dictionary<Operation, NodeHandler> { [Operation.Update] = (fields, cancellation) => UnsealAsync(node, fields, cancellation) },
            Field.Text("key", "One key share, hex or base64."),
            Field.Flag("reset", "Forgets the shares given so far."),
            Field.Flag("migrate", "Migration between seals; not in progress on this server.")),
    ];

    private static async ValueTask<VaultResponse> UnsealAsync(VaultNode node, FieldReader fields, CancellationToken cancellation)
    {
        if (fields.Flag("reset") is true)
        {
            node.ResetUnseal();
            return Status(node);
        }
        string key = fields.Text("key") ?? "";
        if (key.Length == 0)
            return VaultResponse.BadRequest("'key' must be specified in request body as JSON, or 'reset' set to true");
        if (ShareText.Decode(key) is not { } share)
            return VaultResponse.BadRequest("'key' must be a valid hex or base64 string");
        if (!node.IsInitialized)
            return VaultResponse.BadRequest("the vault is not initialized: run operator init first");
        await node.UnsealAsync(share, cancellation);
        return Status(node);
    }

    public static VaultResponse Status(VaultNode node)
    {
        VaultOptions options = node.Environment.Options;
        SealRecord? record = NodeApi.RecordOf(node);
        NodeState.Sealed? @sealed = NodeApi.SealedStateOf(node);
        return VaultResponse.Bare(JsonData.Object(w =>
        {
            w.WriteString("type", record?.Type ?? ShamirSeal.Type);
            w.WriteBoolean("initialized", record is not null);
            w.WriteBoolean("sealed", node.IsSealed);
            w.WriteNumber("t", record?.Threshold ?? 0);
            w.WriteNumber("n", record?.Shares ?? 0);
            w.WriteNumber("progress", @sealed?.Shares.Count ?? 0);
            w.WriteString("nonce", @sealed?.Shares.Nonce ?? "");
            w.WriteString("version", options.ReportedVersion);
            w.WriteString("build_date", "2026-11-25T00:00:00Z");
            w.WriteBoolean("migration", false);
            if (!node.IsSealed)
            {
                w.WriteString("cluster_name", options.ClusterName);
                w.WriteString("cluster_id", record?.ClusterId ?? "");
            }
            w.WriteBoolean("recovery_seal", false);
            w.WriteString("storage_type", options.StorageType);
            w.WriteString("product_version", options.ProductVersion);
        }));
    }
}
