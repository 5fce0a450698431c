using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Sys.Node;
using Candlefish.Secrets.Vault.Seals;

namespace Candlefish.Secrets.Vault.Sys.Keys;

/// <summary><c>sys/key-status</c>, <c>sys/rotate</c> and <c>sys/rotate/config</c>: terms of the key ring (Vault API).</summary>
internal sealed class KeyRotationRoutes(UnsealedVault vault)
{
    public IEnumerable<Route> Routes() =>
    [
        Route.At("key-status", "Shows the newest term of the key ring.").Reads(_ => KeyStatusAsync()),
        Route.At("rotate", "Begins a new term of the key ring.").Writes(RotateAsync).Sudo(),
        Route.At("rotate/config", "Shows or sets when a new term begins by itself.")
            .Takes(
                Field.Flag("enabled", "Rotate automatically.", "true"),
                Field.Duration("interval", "Longest age of a term, at least 24h; 0 = no limit by age."),
                Field.Whole("max_operations", "Encryptions with one term, 1,000,000 to 2,147,483,648."))
            .Reads(ReadConfigAsync).Writes(WriteConfigAsync).Sudo(),
    ];

    private ValueTask<VaultResponse> KeyStatusAsync()
    {
        var term = vault.Barrier.ActiveTerm;
        return ValueTask.FromResult(new VaultResponse
        {
            Shape = ResponseShape.EnvelopeAndTopLevel,
            Data = JsonData.Object(w =>
            {
                w.WriteNumber("term", term.Term);
                w.WriteTime("install_time", term.Installed);
                w.WriteNumber("encryptions", term.Encryptions);
            }),
        });
    }

    private async ValueTask<VaultResponse> RotateAsync(RequestContext context)
    {
        await vault.Barrier.RotateAsync(context.Cancellation);
        return VaultResponse.NoContent();
    }

    private static async ValueTask<VaultResponse> ReadConfigAsync(RequestContext context)
    {
        RotationConfig config = await RotationConfig.LoadAsync(context.Transaction, context.Cancellation);
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteBoolean("enabled", config.Enabled);
            w.WriteSeconds("interval", config.Interval);
            w.WriteNumber("max_operations", config.MaxOperations);
        }));
    }

    private static async ValueTask<VaultResponse> WriteConfigAsync(RequestContext context)
    {
        FieldReader fields = context.Fields;
        RotationConfig config = await RotationConfig.LoadAsync(context.Transaction, context.Cancellation);
        TimeSpan interval = fields.Ttl("interval") ?? config.Interval;
        if (interval > TimeSpan.Zero && interval < TimeSpan.FromHours(24))
            return VaultResponse.BadRequest("interval must be 0, or at least 24h");
        long operations = fields.Whole("max_operations") ?? config.MaxOperations;
        if (operations is < 1_000_000 or > Barrier.SecurityBarrier.MaxEncryptionsPerTerm)
            return VaultResponse.BadRequest("max_operations must be between 1000000 and 2147483648");
        new RotationConfig { Enabled = fields.Flag("enabled") ?? config.Enabled, Interval = interval, MaxOperations = operations }.Store(context.Transaction);
        return VaultResponse.NoContent();
    }
}
