using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Identity;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>
/// <c>sys/locked-users</c> (Vault API): users that failed to log in too often, and their release. Names that no method
/// knows are locked too, but not listed.
/// </summary>
internal sealed class LockedUserRoutes(UnsealedVault vault)
{
    public IEnumerable<Route> Routes() =>
    [
        Route.At("locked-users", "Lists the users that are locked out after failed logins.")
            .Takes(Field.Text("mount_accessor", "Only users of this auth method."))
            .Reads(ListAsync),
        Route.At("locked-users/{mount_accessor}/unlock/{alias_identifier*}", "Lets a locked user log in again.")
            .Writes(UnlockAsync),
    ];

    private async ValueTask<VaultResponse> ListAsync(RequestContext context)
    {
        string? only = context.Fields.Text("mount_accessor");
        var locked = new List<(string Accessor, IReadOnlyList<string> Aliases)>();
        foreach (Mount mount in vault.Mounts(context.Namespace).Of(MountClass.Auth).OrderBy(m => m.Entry.Accessor, StringComparer.Ordinal))
        {
            if (only is { Length: > 0 } && only != mount.Entry.Accessor)
                continue;
            IReadOnlyList<string> aliases = await LockedAtAsync(context, mount);
            if (aliases.Count > 0)
                locked.Add((mount.Entry.Accessor, aliases));
        }
        int total = locked.Sum(m => m.Aliases.Count);
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteStartArray("by_namespace");
            if (total > 0)
            {
                w.WriteStartObject();
                w.WriteNumber("counts", total);
                w.WriteStartArray("mount_accessors");
                foreach ((string accessor, IReadOnlyList<string> aliases) in locked)
                {
                    w.WriteStartObject();
                    w.WriteStrings("alias_identifiers", aliases);
                    w.WriteNumber("counts", aliases.Count);
                    w.WriteString("mount_accessor", accessor);
                    w.WriteEndObject();
                }
                w.WriteEndArray();
                w.WriteString("namespace_id", context.Namespace.Id);
                w.WriteString("namespace_path", context.Namespace.Path);
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteNumber("total", total);
        }));
    }

    /// <summary>Does nothing for a user who is not locked.</summary>
    private ValueTask<VaultResponse> UnlockAsync(RequestContext context)
    {
        if (vault.Mounts(context.Namespace).ByAccessor(context.Capture("mount_accessor")) is not { Entry.Class: MountClass.Auth } mount)
            return ValueTask.FromResult(VaultResponse.BadRequest("no auth method has this mount_accessor: see sys/auth"));
        if (context.Capture("alias_identifier") is not { Length: > 0 } alias)
            return ValueTask.FromResult(VaultResponse.BadRequest("missing alias_identifier"));
        SliceOf(context, mount).Delete(LoginFailures.KeyOf(mount, alias, exists: true));
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    private static async ValueTask<IReadOnlyList<string>> LockedAtAsync(RequestContext context, Mount mount)
    {
        BarrierView slice = SliceOf(context, mount);
        var aliases = new List<string>();
        foreach (string name in await slice.ListAsync(LoginFailures.Users, context.Cancellation))
        {
            if (LoginFailures.Parse(await slice.GetAsync(LoginFailures.Users + name, context.Cancellation)) is { } failures && failures.IsLocked(mount.Entry.Config.Lockout, context.Now))
                aliases.Add(failures.Alias);
        }
        aliases.Sort(StringComparer.Ordinal);
        return aliases;
    }

    private static BarrierView SliceOf(RequestContext context, Mount mount) => new(context.Transaction, mount.StoragePrefix);
}
