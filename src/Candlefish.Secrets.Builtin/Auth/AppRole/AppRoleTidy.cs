using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Auth.AppRole;

/// <summary>
/// Removes SecretIDs that have expired, and those of deleted roles. Nothing depends on it but space: neither can log in.
/// </summary>
/// <remarks>Runs when asked (Vault API: POST <c>tidy/secret-id</c>), and once an hour while SecretIDs are made.</remarks>
internal sealed class AppRoleTidy(TimeProvider time)
{
    private const int PageKeys = 50;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private DateTimeOffset _lastStart = time.GetUtcNow();
    private bool _isRunning;

    public Route Route() => Vault.Requests.Route.At("tidy/secret-id", "Removes expired SecretIDs in the background.").Writes(TidyAsync);

    /// <summary>Starts a run if the last is an hour ago.</summary>
    public void StartWhenDue(RequestContext context)
    {
        if (IsDue(Interval))
            context.StartBeside("tidy of SecretIDs", (work, stop) => RunAsync(work, Interval, stop));
    }

    /// <summary>After the deletion of a role: removes its SecretIDs.</summary>
    public void RemoveLeftovers(RequestContext context, RoleRecord role) =>
        context.StartBeside("removal of a role's SecretIDs", (work, stop) => TidyFolderAsync(work, role.Uuid, stop));

    private ValueTask<VaultResponse> TidyAsync(RequestContext context)
    {
        var response = new VaultResponse { Status = 202 };
        if (!IsDue(TimeSpan.Zero))
            return ValueTask.FromResult(response.Warn("a tidy of this mount is running already"));
        context.StartBeside("tidy of SecretIDs", (work, stop) => RunAsync(work, TimeSpan.Zero, stop));
        return ValueTask.FromResult(response.Warn("the tidy was started: it runs in the background, and failures are in the server log"));
    }

    private bool IsDue(TimeSpan interval)
    {
        lock (_gate)
            return !_isRunning && time.GetUtcNow() - _lastStart >= interval;
    }

    private async Task RunAsync(MountWork work, TimeSpan interval, CancellationToken stop)
    {
        lock (_gate)
        {
            if (_isRunning || time.GetUtcNow() - _lastStart < interval)
                return;
            _isRunning = true;
            _lastStart = time.GetUtcNow();
        }
        try
        {
            string after = "";
            while (await PageAsync(work, AppRoleStorage.SecretIds, after, stop) is { Count: > 0 } folders)
            {
                foreach (string folder in folders)
                    await TidyFolderAsync(work, folder.TrimEnd('/'), stop);
                after = folders[^1];
            }
        }
        finally
        {
            lock (_gate)
                _isRunning = false;
        }
    }

    private async Task TidyFolderAsync(MountWork work, string roleUuid, CancellationToken stop)
    {
        string after = "";
        while (await PageAsync(work, $"{AppRoleStorage.SecretIds}{roleUuid}/", after, stop) is { Count: > 0 } hashes)
        {
            foreach (string hash in hashes)
                await work.StepAsync(view => RemoveAsync(new AppRoleStorage(view, stop), new SecretIdKey(roleUuid, hash)), stop);
            after = hashes[^1];
        }
    }

    // One SecretID per transaction: a login that changes it at the same time wins, and it is looked at again next time.
    private async ValueTask RemoveAsync(AppRoleStorage storage, SecretIdKey key)
    {
        if (await storage.SecretIdAsync(key) is { } found && (found.IsExpired(time.GetUtcNow()) || await storage.OwnerAsync(key.RoleUuid) is null))
            storage.Delete(key, found);
    }

    private static async ValueTask<IReadOnlyList<string>> PageAsync(MountWork work, string folder, string after, CancellationToken stop)
    {
        IReadOnlyList<string> names = [];
        await work.StepAsync(async view => names = await view.ListAsync(folder, stop, after, PageKeys), stop);
        return names;
    }
}
