using System.Text.Json;
using Candlefish.Secrets.Vault.Audit;
using Candlefish.Secrets.Vault.Audit.Entries;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary><c>sys/audit</c>, <c>sys/audit-hash</c>, <c>sys/config/auditing</c>: which devices record, and what they show (Vault API).</summary>
internal sealed class AuditRoutes(UnsealedVault vault)
{
    /// <summary>Longest name of a header.</summary>
    private const int MaxHeaderName = 128;

    public IEnumerable<Route> Routes() =>
    [
        Route.At("audit", "Lists the enabled audit devices.").Reads(_ => ListAsync()).Sudo(),
        Route.At("audit/{path*}", "Enables or disables an audit device.")
            .Takes(
                Field.Text("type", "file, syslog or socket."),
                Field.Text("description", "For people."),
                Field.Map("options", "Options of the device; see docs/audit.md."),
                Field.Flag("local", "Not replicated; kept and shown.", "false"))
            .Writes(EnableAsync).Deletes(DisableAsync).Sudo(),
        Route.At("audit-hash/{path*}", "Hashes a text with the salt of a device, to search its trail for it.")
            .Takes(Field.Text("input", "The text.").Required())
            .Writes(HashAsync),
        Route.At("config/auditing/request-headers", "Lists the request headers that entries show.").Reads(_ => HeadersAsync()).Sudo(),
        Route.At("config/auditing/request-headers/{header}", "Shows a request header in entries, or no more.")
            .Takes(Field.Flag("hmac", "Shows the HMAC of the value instead of the value.", "false"))
            .Reads(HeaderAsync).Writes(PutHeaderAsync).Deletes(DeleteHeaderAsync).Sudo(),
    ];

    private ValueTask<VaultResponse> ListAsync() => TopLevel(w =>
    {
        foreach (EnabledDevice device in vault.Audit.Devices.OrderBy(d => d.Entry.Path, StringComparer.Ordinal))
        {
            AuditDeviceEntry entry = device.Entry;
            w.WriteStartObject(entry.Path);
            w.WriteString("type", entry.Type);
            w.WriteString("description", entry.Description);
            w.WriteMap("options", entry.Options);
            w.WriteBoolean("local", entry.Local);
            w.WriteString("path", entry.Path);
            w.WriteString("public_key", vault.Audit.PublicKey);
            if (device.Writer.Head is { } head)
            {
                w.WriteString("chain", head.Chain);
                w.WriteNumber("seq", head.Sequence);
                w.WriteString("head", head.Hash);
            }
            w.WriteString("health", device.Writer.Health switch { DeviceHealth.Working => "working", DeviceHealth.Failed => "failed", _ => "blocked" });
            w.WriteEndObject();
        }
    });

    private async ValueTask<VaultResponse> EnableAsync(RequestContext context)
    {
        FieldReader fields = context.Fields;
        string type = fields.RequiredText("type");
        await vault.Audit.EnableAsync(
            new AuditDeviceEntry
            {
                Path = PathOf(context),
                Type = type,
                Uuid = RandomText.Uuid(),
                Description = fields.Text("description") ?? "",
                Options = new SortedDictionary<string, string>(fields.Map("options")?.ToDictionary() ?? [], StringComparer.Ordinal),
                Local = fields.Flag("local") ?? false,
            },
            context.Cancellation);
        return VaultResponse.NoContent();
    }

    private async ValueTask<VaultResponse> DisableAsync(RequestContext context)
    {
        await vault.Audit.DisableAsync(PathOf(context), context.Cancellation);
        return VaultResponse.NoContent();
    }

    private ValueTask<VaultResponse> HashAsync(RequestContext context)
    {
        string path = PathOf(context);
        string input = context.Fields.Text("input") ?? throw RequestRefused.BadRequest("the \"input\" parameter is empty");
        EnabledDevice device = vault.Audit.Devices.FirstOrDefault(d => d.Entry.Path == path)
            ?? throw RequestRefused.BadRequest($"unknown audit backend {path}");
        return TopLevel(w => w.WriteString("hash", device.Hasher.Hash(input)));
    }

    private ValueTask<VaultResponse> HeadersAsync() => TopLevel(w =>
    {
        w.WriteStartObject("headers");
        foreach ((string name, bool isHashed) in vault.Audit.Headers.All)
            WriteHeader(w, name, isHashed);
        w.WriteEndObject();
    });

    private ValueTask<VaultResponse> HeaderAsync(RequestContext context) =>
        vault.Audit.Headers.All.TryGetValue(HeaderOf(context), out bool isHashed)
            ? TopLevel(w => WriteHeader(w, context.Capture("header"), isHashed))
            : ValueTask.FromResult(VaultResponse.BadRequest("Could not find header in config"));

    private ValueTask<VaultResponse> PutHeaderAsync(RequestContext context)
    {
        string name = HeaderOf(context);
        bool isHashed = context.Fields.Flag("hmac") ?? false;
        VaultResponse response = VaultResponse.NoContent();
        if (!isHashed && !AuditedHeaders.MayBeClear(name))
            response.Warn("this header carries credentials: its value is hashed although hmac is false");
        vault.Audit.ChangeHeaders(context, vault.Audit.Headers.With(name, isHashed));
        return ValueTask.FromResult(response);
    }

    private ValueTask<VaultResponse> DeleteHeaderAsync(RequestContext context)
    {
        vault.Audit.ChangeHeaders(context, vault.Audit.Headers.Without(HeaderOf(context)));
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    private static string PathOf(RequestContext context)
    {
        string path = context.Capture("path").Trim('/');
        if (path.Length == 0)
            throw RequestRefused.BadRequest("the path of the audit device is missing");
        return path + "/";
    }

    private static string HeaderOf(RequestContext context)
    {
        string name = context.Capture("header");
        if (name.Length > MaxHeaderName || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
            throw RequestRefused.BadRequest("the header name must be letters, digits, '-' and '_'");
        return name.ToLowerInvariant();
    }

    private static void WriteHeader(Utf8JsonWriter writer, string name, bool isHashed)
    {
        writer.WriteStartObject(name);
        writer.WriteBoolean("hmac", isHashed);
        writer.WriteEndObject();
    }

    private static ValueTask<VaultResponse> TopLevel(Action<Utf8JsonWriter> members) =>
        ValueTask.FromResult(new VaultResponse { Data = JsonData.Object(members), Shape = ResponseShape.EnvelopeAndTopLevel });
}
