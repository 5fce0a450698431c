using System.Security.Cryptography;
using Candlefish.Secrets.Vault.Audit;
using Candlefish.Secrets.Vault.Audit.Entries;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Seals;
using Candlefish.Secrets.Vault.Storage;
using Candlefish.Secrets.Vault.Sys.Node;

namespace Candlefish.Secrets.Vault;

/// <summary>
/// One node: uninitialized → sealed → unsealed, over one storage. The door hands every request to
/// <see cref="HandleAsync"/>.
/// </summary>
/// <remarks>State changes are serialized; requests run beside each other. Disposing seals, then closes the storage.</remarks>
public sealed class VaultNode : IAsyncDisposable
{
    private readonly IStorage _storage;
    private readonly NodeApi _api;
    private readonly SemaphoreSlim _stateGate = new(1, 1);
    private readonly SealedAttempts _attempts = new();
    private volatile NodeState _state;
    private readonly TaskCompletionSource _storageLost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _sealing = Task.CompletedTask;

    private VaultNode(IStorage storage, VaultEnvironment environment, NodeState state)
    {
        _storage = storage;
        Environment = environment;
        _state = state;
        _api = new NodeApi(this);
    }

    public VaultEnvironment Environment { get; }

    internal NodeState State => _state;

    /// <summary>The kernel of an unsealed node; <see langword="null"/> otherwise.</summary>
    public UnsealedVault? Vault => (_state as NodeState.Unsealed)?.Vault;

    public bool IsSealed => _state is not NodeState.Unsealed;

    public bool IsInitialized => _state is not NodeState.Uninitialized;

    /// <summary>Routes that a node answers in every state, for the OpenAPI description.</summary>
    internal IReadOnlyList<NodeRoute> StatelessRoutes => _api.Routes;

    /// <summary>Reads how the storage is sealed. The node owns the storage from now on.</summary>
    public static async ValueTask<VaultNode> OpenAsync(IStorage storage, VaultEnvironment environment, CancellationToken cancellation)
    {
        StoredValue? stored = await storage.GetAsync(SealRecord.Key, cancellation);
        NodeState state = stored is { } found
            ? new NodeState.Sealed(SealRecord.Parse(found.Value), new ShareCollector())
            : new NodeState.Uninitialized();
        return new VaultNode(storage, environment, state);
    }

    /// <summary>Answers a request in whatever state the node is.</summary>
    public async ValueTask<VaultResponse> HandleAsync(VaultRequest request, CancellationToken cancellation)
    {
        if (_api.Match(request) is { } stateless)
            return await _api.HandleAsync(stateless, request, cancellation);
        if (_state is not NodeState.Unsealed unsealed || !unsealed.Running.TryEnter())
            return VaultResponse.Error(503, "Vault is sealed");
        try
        {
            return await unsealed.Vault.HandleAsync(request, cancellation);
        }
        finally
        {
            unsealed.Running.Exit();
        }
    }

    /// <summary>
    /// Whether the text is a living token of this vault, without taking a use of it. Doors ask before they hold much memory
    /// for a caller; what the caller may do is decided by the pipeline alone.
    /// </summary>
    public async ValueTask<bool> KnowsTokenAsync(string token, CancellationToken cancellation)
    {
        if (_state is not NodeState.Unsealed unsealed || !unsealed.Running.TryEnter())
            return false;
        try
        {
            return await unsealed.Vault.Tokens.FindAsync(token, cancellation) is not null;
        }
        finally
        {
            unsealed.Running.Exit();
        }
    }

    /// <summary>Creates root key, key ring, key shares and root token. The vault is sealed afterwards.</summary>
    /// <returns>The shares and the root token: shown once, stored nowhere.</returns>
    public async ValueTask<InitResult> InitializeAsync(int shares, int threshold, string? rootToken, CancellationToken cancellation)
    {
        await _stateGate.WaitAsync(cancellation);
        try
        {
            if (_state is not NodeState.Uninitialized)
                throw RequestRefused.BadRequest("Vault is already initialized");
            (InitResult result, SealRecord record) = await Initialization.RunAsync(_storage, Environment, this, shares, threshold, rootToken, cancellation);
            _state = new NodeState.Sealed(record, new ShareCollector());
            Environment.Log.Write(VaultLogLevel.Info, $"vault initialized with {shares} key shares, {threshold} needed");
            return result;
        }
        finally
        {
            _stateGate.Release();
        }
    }

    /// <summary>Adds a key share; opens the vault when there are enough. A wrong set of shares is forgotten and refused.</summary>
    public async ValueTask UnsealAsync(byte[] share, CancellationToken cancellation)
    {
        await _stateGate.WaitAsync(cancellation);
        try
        {
            if (_state is not NodeState.Sealed { } @sealed)
                return;
            byte[][]? enough = @sealed.Shares.Add(share, @sealed.Record.Threshold);
            if (enough is null)
                return;
            using SecretBuffer? rootKey = ShamirSeal.Recover(@sealed.Record, enough);
            @sealed.Shares.Clear();
            if (rootKey is null)
                throw RequestRefused.BadRequest("Unseal failed, invalid key: the shares given do not open this vault; begin again with the shares of its last init or rekey");
            await OpenVaultAsync(@sealed.Record, rootKey, cancellation);
        }
        finally
        {
            _stateGate.Release();
        }
    }

    internal void ResetUnseal() => (_state as NodeState.Sealed)?.Shares.Clear();

    /// <summary>
    /// Completes when the storage failed in a way that only a new process can mend (a failed fsync): the node seals itself,
    /// and its host ends the process, so that the next start recovers from the log.
    /// </summary>
    public Task StorageLost => _storageLost.Task;

    /// <summary>Called by whoever meets a storage failure: never acknowledge again in this process.</summary>
    internal void GiveUpStorage(StorageException cause)
    {
        if (!_storageLost.TrySetResult())
            return;
        Environment.Log.Write(VaultLogLevel.Error, "the storage can no longer be trusted to keep writes: sealing; restart the server to recover from its log", cause);
        BeginSeal();
    }

    /// <summary>Begins to seal and returns: new requests are refused, running ones end first.</summary>
    internal void BeginSeal() => _sealing = SealAsync().AsTask();

    /// <summary>Closes and opens the targets of the audit devices again, after their files were rotated (SIGHUP).</summary>
    public void ReopenAudit()
    {
        if (_state is not NodeState.Unsealed unsealed || !unsealed.Running.TryEnter())
            return;
        unsealed.Vault.Audit.Reopen();
        unsealed.Running.Exit();
    }

    /// <summary>
    /// Records an attempt at a path that works in every state: at once while there are keys, else with the entry of the next
    /// unseal.
    /// </summary>
    /// <exception cref="AuditUnavailableException">Devices are enabled and none took the entry.</exception>
    internal async ValueTask RecordAttemptAsync(NodeAttempt attempt)
    {
        if (_state is not NodeState.Unsealed unsealed || !unsealed.Running.TryEnter())
        {
            _attempts.Add(attempt);
            return;
        }
        try
        {
            await unsealed.Vault.Audit.NodeRequestAsync(attempt);
        }
        finally
        {
            unsealed.Running.Exit();
        }
    }

    /// <summary>Waits for running requests, ends background work, zeroes the keys.</summary>
    public async ValueTask SealAsync()
    {
        await _stateGate.WaitAsync();
        try
        {
            if (_state is not NodeState.Unsealed unsealed)
                return;
            _state = new NodeState.Sealed(unsealed.Record, new ShareCollector());
            await unsealed.Running.DrainAsync();
            await unsealed.Vault.DisposeAsync();
            Environment.Log.Write(VaultLogLevel.Info, "vault sealed");
        }
        finally
        {
            _stateGate.Release();
        }
    }

    /// <summary>Puts a new protection of the root key in place of the one that is shown now (rekey).</summary>
    /// <exception cref="RequestRefused">The seal was changed meanwhile.</exception>
    internal async ValueTask ReplaceSealAsync(SealRecord record, CancellationToken cancellation)
    {
        await _stateGate.WaitAsync(cancellation);
        try
        {
            if (_state is not NodeState.Unsealed unsealed || await _storage.GetAsync(SealRecord.Key, cancellation) is not { } stored)
                throw new RequestRefused(503, "Vault is sealed");
            StorageBatch batch = new StorageBatch().Put(SealRecord.Key, record.Serialize()).Expect(SealRecord.Key, stored.Version);
            if (!(await _storage.CommitAsync(batch, cancellation)).IsCommitted)
                throw RequestRefused.BadRequest("the seal was changed meanwhile: nothing was replaced, begin the rekey again");
            _state = unsealed with { Record = record };
        }
        finally
        {
            _stateGate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _sealing;
        await SealAsync();
        ResetUnseal();
        await _storage.DisposeAsync();
        _stateGate.Dispose();
    }

    private async ValueTask OpenVaultAsync(SealRecord record, SecretBuffer rootKey, CancellationToken cancellation)
    {
        SecurityBarrier barrier = await SecurityBarrier.OpenAsync(_storage, rootKey, Environment.Time, cancellation);
        UnsealedVault vault = await UnsealedVault.OpenAsync(Environment, this, barrier, cancellation);
        try
        {
            await vault.Audit.UnsealedAsync(_attempts);
        }
        catch (AuditUnavailableException e)
        {
            // Stays unsealed, answers nothing: whoever repairs the device must not have to unseal again.
            Environment.Log.Write(VaultLogLevel.Error, "the unseal could not be audited: every request fails until an audit device works", e);
        }
        _state = new NodeState.Unsealed(record, vault, new RunningRequests(), Environment.Time.GetUtcNow());
        Environment.Log.Write(VaultLogLevel.Info, "vault unsealed");
    }
}

/// <summary>What init hands out, once.</summary>
public sealed record InitResult(byte[][] Shares, string RootToken)
{
    public override string ToString() => "InitResult";

    public void Wipe()
    {
        foreach (byte[] share in Shares)
            CryptographicOperations.ZeroMemory(share);
    }
}
