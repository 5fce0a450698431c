using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>
/// <c>sys/mounts</c> and <c>sys/auth</c>: enable, read, tune and disable backends (Vault API). The two differ in where
/// they mount and in that every change of an auth method needs sudo.
/// </summary>
internal sealed class MountRoutes(UnsealedVault vault, MountClass @class)
{
    private readonly string _root = @class == MountClass.Auth ? "auth" : "mounts";

    private static readonly Field[] EnableFields =
    [
        Field.Text("type", "Kind of backend, for example kv or approle.").Required(),
        Field.Text("description", "For people."),
        Field.Any("config", "Tunable parameters, see …/tune."),
        Field.Map("options", "Engine options, for example version=2 of KV."),
        Field.Flag("local", "Accepted for compatibility: there is no replication that it could be excluded from."),
        Field.Flag("seal_wrap", "Accepted for compatibility."),
        Field.Flag("external_entropy_access", "Accepted for compatibility."),
        Field.Text("plugin_name", "Older name of type."),
        Field.Text("plugin_version", "Accepted for compatibility: every backend is built in."),
    ];

    public IEnumerable<Route> Routes()
    {
        yield return Route.At(_root, "Lists the mounts with their configuration.").Reads(ListAsync);
        yield return Guarded(Route.At(_root + "/{path}", "Enables, shows or disables the mount at a path.")
            .Takes(EnableFields).Reads(ReadAsync).Writes(EnableAsync).Deletes(DisableAsync));
        yield return Guarded(Route.At(_root + "/{path}/tune", "Shows or changes the parameters of a mount.")
            .Takes(MountTuning.Fields).Reads(ReadTuningAsync).Writes(TuneAsync));
        // Mount paths may have several segments; "…/tune" at the end is then found here.
        yield return Guarded(Route.At(_root + "/{path*}", "The same for paths of several segments.")
            .Takes(EnableFields).Takes([.. MountTuning.Fields.Where(f => EnableFields.All(e => e.Name != f.Name))])
            .Reads(c => IsTune(c) ? ReadTuningAsync(c) : ReadAsync(c))
            .Writes(c => IsTune(c) ? TuneAsync(c) : EnableAsync(c))
            .Deletes(DisableAsync));
    }

    private Route Guarded(Route route) => @class == MountClass.Auth ? route.Sudo() : route;

    private static bool IsTune(RequestContext context) => context.Capture("path").EndsWith("/tune", StringComparison.Ordinal);

    private ValueTask<VaultResponse> ListAsync(RequestContext context) => ValueTask.FromResult(new VaultResponse
    {
        Shape = ResponseShape.EnvelopeAndTopLevel,
        Data = JsonData.Object(w =>
        {
            foreach (Mount mount in vault.Mounts(context.Namespace).Of(@class))
            {
                w.WriteStartObject(mount.Entry.Path);
                w.WriteMount(mount);
                w.WriteEndObject();
            }
        }),
    });

    private ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        Mount mount = Find(context, PathOf(context));
        return ValueTask.FromResult(VaultResponse.Ok(JsonData.Object(w => w.WriteMount(mount))));
    }

    private async ValueTask<VaultResponse> EnableAsync(RequestContext context)
    {
        FieldReader fields = context.Fields;
        string path = NewPath(PathOf(context));
        string type = fields.Text("type") is { Length: > 0 } given ? given : fields.RequiredText("plugin_name");
        var options = new Dictionary<string, string>(fields.Map("options") ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        switch (type)
        {
            case "kv-v2":
                type = "kv";
                options["version"] = "2";
                break;
            case "kv-v1" or "generic":
                type = "kv";
                options["version"] = "1";
                break;
        }
        if (KernelBackends.FixedTypes.Contains(type))
            return VaultResponse.BadRequest($"a backend of type {type} is part of the server and cannot be mounted");
        MountEntry entry = KernelBackends.Entry(path, type, @class, fields.Text("description") ?? "", options) with
        {
            Config = MountTuning.ApplyNested(fields.Any("config"), @class),
            Local = fields.Flag("local") ?? false,
            SealWrap = fields.Flag("seal_wrap") ?? false,
            ExternalEntropyAccess = fields.Flag("external_entropy_access") ?? false,
        };
        await vault.Mounts(context.Namespace).EnableAsync(context.Transaction, entry, context.Cancellation);
        return VaultResponse.NoContent();
    }

    private async ValueTask<VaultResponse> DisableAsync(RequestContext context)
    {
        string path = PathOf(context);
        if (vault.Mounts(context.Namespace).Router.Exactly(RoutePrefix(path)) is not { } mount)
            return VaultResponse.NoContent().Warn($"no mount at {path}: nothing was disabled");
        RefuseFixed(mount, "disable");
        await vault.Mounts(context.Namespace).DisableAsync(context.Transaction, mount, context.Cancellation);
        await vault.Leases.RevokeByMountAsync(context, mount);
        await vault.Quotas.RemoveMountAsync(context.Transaction, mount, context.Cancellation);
        if (@class == MountClass.Auth)
            await vault.Identity.RemoveMountAsync(context.Transaction, mount, context.Cancellation);
        DeletedMounts.Schedule(context.Transaction, vault, mount);
        return VaultResponse.NoContent();
    }

    private ValueTask<VaultResponse> ReadTuningAsync(RequestContext context)
    {
        Mount mount = Find(context, PathOf(context));
        return ValueTask.FromResult(new VaultResponse
        {
            Shape = ResponseShape.EnvelopeAndTopLevel,
            Data = JsonData.Object(w => w.WriteTuning(mount, vault.Options.Limits)),
        });
    }

    private async ValueTask<VaultResponse> TuneAsync(RequestContext context)
    {
        Mount mount = Find(context, PathOf(context));
        FieldReader fields = context.Fields;
        var options = new Dictionary<string, string>(mount.Entry.Options, StringComparer.Ordinal);
        foreach ((string name, string value) in fields.Map("options") ?? new Dictionary<string, string>())
        {
            if (name == "version" && options.GetValueOrDefault("version") == "2" && value != "2")
                return VaultResponse.BadRequest("cannot downgrade mount from version 2 of KV: its versions would be lost");
            options[name] = value;
        }
        MountEntry tuned = mount.Entry with
        {
            Config = MountTuning.Apply(mount.Entry.Config, fields, @class),
            Description = fields.Text("description") ?? mount.Entry.Description,
            Options = options,
        };
        await vault.Mounts(context.Namespace).ReplaceAsync(context.Transaction, mount, tuned, context.Cancellation);
        return VaultResponse.NoContent();
    }

    private Mount Find(RequestContext context, string path) =>
        vault.Mounts(context.Namespace).Router.Exactly(RoutePrefix(path)) ??
        throw RequestRefused.BadRequest(@class == MountClass.Auth
            ? $"No auth engine at {path}"
            : $"No secret engine mount at {path}");

    private string RoutePrefix(string path) => @class == MountClass.Auth ? "auth/" + path : path;

    /// <summary>The mount path of a request: without <c>/tune</c>, with exactly one trailing slash.</summary>
    private static string PathOf(RequestContext context)
    {
        string path = context.Capture("path").TrimEnd('/');
        if (path.EndsWith("/tune", StringComparison.Ordinal))
            path = path[..^"/tune".Length];
        return path + "/";
    }

    internal static void RefuseFixed(Mount mount, string verb)
    {
        if (KernelBackends.FixedTypes.Contains(mount.Entry.Type))
            throw RequestRefused.BadRequest($"cannot {verb} {mount.RoutePrefix}: it is part of the server");
    }

    /// <summary>Refuses paths that could not be told apart from others, or from patterns of policies.</summary>
    internal static string NewPath(string path)
    {
        if (path.Length < 2 || path.StartsWith('/') || path.Contains("//", StringComparison.Ordinal))
            throw RequestRefused.BadRequest("the mount path must have at least one segment and no empty ones");
        if (path.Contains('*', StringComparison.Ordinal) || path.Contains('+', StringComparison.Ordinal))
            throw RequestRefused.BadRequest("the mount path must not hold '*' or '+': policies could not name it");
        if (path.Any(char.IsWhiteSpace))
            throw RequestRefused.BadRequest("the mount path must not hold blanks");
        if (path.StartsWith("auth/", StringComparison.OrdinalIgnoreCase) || path.StartsWith("sys/", StringComparison.OrdinalIgnoreCase)
            || path.StartsWith("audit/", StringComparison.OrdinalIgnoreCase))
            throw RequestRefused.BadRequest($"path is already in use at {path[..(path.IndexOf('/', StringComparison.Ordinal) + 1)].ToLowerInvariant()}");
        return path;
    }
}
