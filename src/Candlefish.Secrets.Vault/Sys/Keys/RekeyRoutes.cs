using System.Security.Cryptography;
using System.Text.Json;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Sys.Node;
using Candlefish.Secrets.Vault.Seals;

namespace Candlefish.Secrets.Vault.Sys.Keys;

/// <summary>
/// <c>sys/rekey</c>: new key shares for the same vault (Vault API). Needs a token with sudo and a quorum of the old
/// shares; without a token only where <see cref="VaultOptions.UnauthenticatedRekey"/> is set.
/// </summary>
internal sealed class RekeyRoutes(UnsealedVault vault) : IDisposable
{
    private readonly Lock _gate = new();
    private RekeyAttempt? _attempt;

    private static readonly Field[] Share = [Field.Text("key", "One key share, hex or base64.").Required(), Field.Text("nonce", "Nonce of this operation.").Required()];

    public IEnumerable<Route> Routes() =>
    [
        Guard(Route.At("rekey/init", "Shows, starts or cancels a rekey.")
            .Takes(
                Field.Whole("secret_shares", "Number of new shares.", "5"),
                Field.Whole("secret_threshold", "New shares needed.", "3"),
                Field.Flag("require_verification", "The new shares count only after they were given back."),
                Field.TextList("pgp_keys", "Not supported."),
                Field.Flag("backup", "Not supported: needs pgp_keys."),
                Field.Text("nonce", "Nonce of the rekey to cancel."))
            .Reads(_ => Locked(() => Status())).Writes(c => Locked(() => Start(c))).Deletes(_ => Locked(Cancel))),
        Guard(Route.At("rekey/update", "Gives one of the current shares.").Takes(Share).Writes(UpdateAsync)),
        Guard(Route.At("rekey/verify", "Gives one of the new shares, to prove that they were kept.").Takes(Share)
            .Reads(_ => Locked(VerificationStatus)).Writes(VerifyAsync).Deletes(_ => Locked(RestartVerification))),
        Route.At("rekey/backup", "Backups of shares need OpenPGP keys, which are not supported.").Reads(_ => NoBackup()).Deletes(_ => NoBackup()).Sudo(),
    ];

    public void Dispose() => _attempt?.Dispose();

    private Route Guard(Route route) => vault.Options.UnauthenticatedRekey ? route.Unauthenticated() : route.Sudo();

    private VaultResponse Start(RequestContext context)
    {
        if (_attempt is not null)
            return VaultResponse.BadRequest("rekey already in progress");
        FieldReader fields = context.Fields;
        if (fields.TextList("pgp_keys") is { Count: > 0 } || fields.Flag("backup") is true)
            return VaultResponse.BadRequest("pgp_keys and backup are not supported: this server has no OpenPGP");
        (int shares, int threshold) = NodeApi.ShareCounts(fields, 5, 3);
        _attempt = new RekeyAttempt(shares, threshold, fields.Flag("require_verification") ?? false);
        return Status();
    }

    private VaultResponse Cancel()
    {
        _attempt?.Dispose();
        _attempt = null;
        return VaultResponse.NoContent();
    }

    private async ValueTask<VaultResponse> UpdateAsync(RequestContext context)
    {
        RekeyAttempt attempt;
        SealRecord record;
        byte[][] shares;
        lock (_gate)
        {
            attempt = _attempt ?? throw RequestRefused.BadRequest("no rekey in progress");
            if (attempt.Pending is not null)
                throw RequestRefused.BadRequest("rekey operation already finished: verification must be performed");
            if (!attempt.Quorum.Add(context.Fields.Text("nonce"), context.Fields.Text("key"), Record(), vault.Barrier))
                return Status();
            using SecretBuffer rootKey = vault.Barrier.CopyRootKey();
            (record, shares) = attempt.MakeShares(Record(), rootKey);
        }
        try
        {
            if (!attempt.RequiresVerification)
                await FinishAsync(attempt, record, context.Cancellation);
            return VaultResponse.Bare(JsonData.Object(w =>
            {
                w.WriteString("nonce", attempt.Quorum.Nonce);
                w.WriteBoolean("complete", true);
                NodeApi.WriteKeys(w, "keys", "keys_base64", shares);
                w.WriteNull("pgp_fingerprints");
                w.WriteBoolean("backup", false);
                w.WriteBoolean("verification_required", attempt.RequiresVerification);
                w.WriteString("verification_nonce", attempt.VerificationNonce);
            }));
        }
        finally
        {
            foreach (byte[] share in shares)
                CryptographicOperations.ZeroMemory(share);
        }
    }

    private async ValueTask<VaultResponse> VerifyAsync(RequestContext context)
    {
        RekeyAttempt attempt;
        SealRecord pending;
        lock (_gate)
        {
            attempt = _attempt ?? throw RequestRefused.BadRequest("no rekey in progress");
            if (!attempt.Verify(context.Fields.Text("nonce"), context.Fields.Text("key")))
                return VerificationStatus();
            pending = attempt.Pending ?? throw RequestRefused.BadRequest("no rekey verification in progress");
        }
        string nonce = attempt.VerificationNonce;
        await FinishAsync(attempt, pending, context.Cancellation);
        return VaultResponse.Bare(JsonData.Object(w =>
        {
            w.WriteString("nonce", nonce);
            w.WriteBoolean("complete", true);
        }));
    }

    private async ValueTask FinishAsync(RekeyAttempt attempt, SealRecord record, CancellationToken cancellation)
    {
        await vault.Node.ReplaceSealAsync(record, cancellation);
        vault.Log.Write(VaultLogLevel.Warning, $"the vault was rekeyed: {record.Shares} key shares, {record.Threshold} needed");
        lock (_gate)
        {
            attempt.Dispose();
            _attempt = null;
        }
    }

    private VaultResponse RestartVerification()
    {
        _attempt?.RestartVerification();
        return VerificationStatus();
    }

    private VaultResponse VerificationStatus() => VaultResponse.Bare(JsonData.Object(w =>
    {
        w.WriteString("nonce", _attempt?.VerificationNonce ?? "");
        w.WriteBoolean("started", _attempt?.Pending is not null);
        w.WriteNumber("t", _attempt?.Threshold ?? 0);
        w.WriteNumber("n", _attempt?.Shares ?? 0);
        w.WriteNumber("progress", _attempt?.VerificationProgress ?? 0);
    }));

    private VaultResponse Status() => VaultResponse.Bare(JsonData.Object(WriteStatus));

    private void WriteStatus(Utf8JsonWriter w)
    {
        w.WriteString("nonce", _attempt?.Quorum.Nonce ?? "");
        w.WriteBoolean("started", _attempt is not null);
        w.WriteNumber("t", _attempt?.Threshold ?? 0);
        w.WriteNumber("n", _attempt?.Shares ?? 0);
        w.WriteNumber("progress", _attempt?.Quorum.Progress ?? 0);
        w.WriteNumber("required", Record().Threshold);
        w.WriteNull("pgp_fingerprints");
        w.WriteBoolean("backup", false);
        w.WriteBoolean("verification_required", _attempt?.RequiresVerification ?? false);
        w.WriteString("verification_nonce", _attempt?.VerificationNonce ?? "");
    }

    private SealRecord Record() => NodeApi.RecordOf(vault.Node) ?? throw new RequestRefused(503, "Vault is sealed");

    private ValueTask<VaultResponse> Locked(Func<VaultResponse> answer)
    {
        lock (_gate)
            return ValueTask.FromResult(answer());
    }

    private static ValueTask<VaultResponse> NoBackup() => ValueTask.FromResult(VaultResponse.NotFound());
}
