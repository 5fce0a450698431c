namespace Candlefish.Secrets.Vault.Barrier;

/// <summary>A slice of a transaction: every key is below one prefix, and the holder cannot reach outside.</summary>
/// <param name="transaction">Shared with the rest of the request.</param>
/// <param name="prefix">Ends in a slash.</param>
public readonly struct BarrierView(StorageTransaction transaction, string prefix)
{
    public StorageTransaction Transaction { get; } = transaction;

    public string Prefix { get; } = prefix;

    /// <summary>Reads a value; the array belongs to the transaction (see <see cref="StorageTransaction"/>).</summary>
    public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellation) => Transaction.GetAsync(Prefix + key, cancellation);

    public void Put(string key, byte[] plaintext) => Transaction.Put(Prefix + key, plaintext);

    public void Delete(string key) => Transaction.Delete(Prefix + key);

    /// <summary>Names directly below a folder of this view; see <see cref="StorageTransaction.ListAsync"/>.</summary>
    public ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancellation, string after = "", int limit = int.MaxValue) =>
        Transaction.ListAsync(Prefix + folder, after, limit, cancellation);

    /// <summary>All keys below a folder of this view.</summary>
    public ValueTask<IReadOnlyList<string>> ScanAsync(string folder, CancellationToken cancellation, string after = "", int limit = int.MaxValue) =>
        Transaction.ScanAsync(Prefix + folder, after, limit, cancellation);

    /// <summary>A view of one folder of this view.</summary>
    public BarrierView Below(string folder) => new(Transaction, Prefix + folder);
}
