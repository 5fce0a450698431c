using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Sys.Node;

namespace Candlefish.Secrets.Vault.Sys.Keys;

/// <summary><c>sys/init</c>: makes a new vault, once (Vault API: GET/POST /sys/init).</summary>
internal static class InitRoutes
{
    public static IEnumerable<NodeRoute> Of(VaultNode node) =>
    [
        new NodeRoute(
            "sys/init",
            "Shows whether the vault is initialized, or initializes it.",
            new Dictionary<Operation, NodeHandler>
            {
                [Operation.Read] = (_, _) => ValueTask.FromResult(VaultResponse.Bare(JsonData.Object(w => w.WriteBoolean("initialized", node.IsInitialized)))),
                [Operation.Update] = (fields, cancellation) => InitializeAsync(node, fields, cancellation),
            },
            Field.Whole("secret_shares", "Number of key shares, 1 to 255.", "5"),
            Field.Whole("secret_threshold", "Shares needed to unseal.", "3"),
            Field.TextList("pgp_keys", "OpenPGP keys to encrypt the shares with; not supported."),
            Field.Text("root_token_pgp_key", "OpenPGP key to encrypt the root token with; not supported."),
            Field.Whole("recovery_shares", "Recovery key shares of an auto-unseal."),
            Field.Whole("recovery_threshold", "Recovery shares needed.")),
    ];

    private static async ValueTask<VaultResponse> InitializeAsync(VaultNode node, FieldReader fields, CancellationToken cancellation)
    {
        if (node.IsInitialized)
            return VaultResponse.BadRequest("Vault is already initialized");
        if (fields.TextList("pgp_keys") is { Count: > 0 } || fields.Text("root_token_pgp_key") is { Length: > 0 })
            return VaultResponse.BadRequest("pgp_keys and root_token_pgp_key are not supported: this server has no OpenPGP; leave them out and encrypt the shares where they are kept");
        if (fields.Whole("recovery_shares") is > 0 || fields.Whole("recovery_threshold") is > 0)
            return VaultResponse.BadRequest("parameters recovery_shares,recovery_threshold not applicable to seal type shamir");
        (int shares, int threshold) = NodeApi.ShareCounts(fields, 5, 3);
        InitResult result = await node.InitializeAsync(shares, threshold, null, cancellation);
        try
        {
            return VaultResponse.Bare(JsonData.Object(w =>
            {
                NodeApi.WriteKeys(w, "keys", "keys_base64", result.Shares);
                w.WriteString("root_token", result.RootToken);
            }));
        }
        finally
        {
            result.Wipe();
        }
    }
}
