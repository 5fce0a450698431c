using System.Collections.Concurrent;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>
/// <c>sys/remount</c>: moves a mount to another path (Vault API). Storage is named by UUID, so nothing but the mount table
/// changes and the move is done when the request is answered.
/// </summary>
internal sealed class RemountRoutes(UnsealedVault vault)
{
    private const int RememberedMoves = 1_000;

    private readonly ConcurrentDictionary<string, (string From, string To)> _moves = new(StringComparer.Ordinal);

    public IEnumerable<Route> Routes() =>
    [
        Route.At("remount", "Moves a mount to another path.")
            .Takes(Field.Text("from", "Path of the mount, auth/… for auth methods.").Required(), Field.Text("to", "New path.").Required())
            .Writes(MoveAsync).Sudo(),
        Route.At("remount/status/{migration_id}", "Shows how a move went.").Reads(StatusAsync),
    ];

    private async ValueTask<VaultResponse> MoveAsync(RequestContext context)
    {
        string from = context.Fields.RequiredText("from").Trim('/') + "/";
        string to = context.Fields.RequiredText("to").Trim('/') + "/";
        if (!CanonicalPath.TryParse(from, out _, out string problem) || !CanonicalPath.TryParse(to, out _, out problem))
            return VaultResponse.BadRequest(problem);
        MountTable table = vault.Mounts(context.Namespace);
        if (table.Router.Exactly(from) is not { } mount)
            return VaultResponse.BadRequest("no matching mount: nothing is mounted at 'from'; sys/mounts and sys/auth list what is");
        MountRoutes.RefuseFixed(mount, "move");
        bool isAuth = to.StartsWith("auth/", StringComparison.Ordinal);
        if (isAuth != (mount.Entry.Class == MountClass.Auth))
            return VaultResponse.BadRequest("cannot move a mount between auth methods and secrets engines");
        string path = MountRoutes.NewPath(isAuth ? to["auth/".Length..] : to);
        if (table.Router.Conflicting(to) is { } conflict && conflict.Entry.Uuid != mount.Entry.Uuid)
            return VaultResponse.BadRequest($"path already in use at \"{conflict.RoutePrefix}\"");
        await vault.Leases.RevokeByMountAsync(context, mount);
        await table.ReplaceAsync(context.Transaction, mount, mount.Entry with { Path = path }, context.Cancellation);
        await vault.Quotas.MoveMountAsync(context.Transaction, mount, to, context.Cancellation);
        string id = RandomText.Uuid();
        context.AfterCommit(() =>
        {
            if (_moves.Count >= RememberedMoves)
                _moves.Clear();
            _moves[id] = (from, to);
        });
        return VaultResponse.Ok(JsonData.Object(w => w.WriteString("migration_id", id)));
    }

    private ValueTask<VaultResponse> StatusAsync(RequestContext context)
    {
        string id = context.Capture("migration_id");
        if (!_moves.TryGetValue(id, out (string From, string To) move))
            return ValueTask.FromResult(VaultResponse.NotFound());
        return ValueTask.FromResult(VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteString("migration_id", id);
            w.WriteStartObject("migration_info");
            w.WriteString("source_mount", move.From);
            w.WriteString("target_mount", move.To);
            w.WriteString("status", "success");
            w.WriteEndObject();
        })));
    }
}
