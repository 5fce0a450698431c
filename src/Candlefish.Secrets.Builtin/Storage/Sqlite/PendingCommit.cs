using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Builtin.Storage.Sqlite;

/// <summary>
/// One batch on its way to the writer, checked and encoded by the caller's thread so that the writer only writes.
/// The task ends when the batch is durable, in conflict, or failed.
/// </summary>
internal sealed class PendingCommit : TaskCompletionSource<CommitResult>
{
    public PendingCommit(StorageBatch batch, CancellationToken cancellation)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        StorageKey.CheckBatch(batch);
        Cancellation = cancellation;
        Names = [.. batch.Writes.Keys];
        Writes = new (byte[], byte[]?)[batch.Writes.Count];
        Expected = new (byte[], long)[batch.Expected.Count];
        var i = 0;
        foreach (var (key, value) in batch.Writes)
        {
            Writes[i++] = (StorageKey.Encode(key), value);
            Bytes += key.Length + (value?.Length ?? 0);
        }

        i = 0;
        foreach (var (key, version) in batch.Expected)
        {
            Expected[i++] = (StorageKey.Encode(key), version);
        }
    }

    /// <summary>Obeyed until the writer takes the batch.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>The written keys as the change feed names them.</summary>
    public string[] Names { get; }

    public (byte[] Key, byte[]? Value)[] Writes { get; }

    public (byte[] Key, long Version)[] Expected { get; }

    /// <summary>Approximate size, to bound a transaction.</summary>
    public long Bytes { get; }

    /// <summary>What the open transaction did with the batch; announced only after it is durable.</summary>
    public CommitResult Outcome { get; set; }
}
