using Candlefish.Secrets.Vault.Audit.Entries;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>Entries that are written together: all of them wait for one write.</summary>
internal sealed class AuditBatch
{
    private readonly AuditBuffer _entries = new();
    private readonly List<int> _ends = [];
    private TaskCompletionSource<bool> _written = New();

    public int Count => _ends.Count;

    public int Bytes => _entries.Length;

    /// <summary>True when the device has taken the entries of the batch.</summary>
    public Task<bool> Written => _written.Task;

    /// <summary>Adds an open entry (see <see cref="AuditFormatter"/>).</summary>
    public void Add(ReadOnlySpan<byte> entry)
    {
        _entries.Append(entry);
        _ends.Add(_entries.Length);
    }

    /// <summary>The entry at an index.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            int start = index == 0 ? 0 : _ends[index - 1];
            return _entries.Written[start.._ends[index]];
        }
    }

    /// <summary>Tells the waiting requests; only the first call counts.</summary>
    public bool Complete(bool isWritten) => _written.TrySetResult(isWritten);

    /// <summary>Makes the batch ready for new entries.</summary>
    public void Reset()
    {
        _entries.Clear();
        _ends.Clear();
        _written = New();
    }

    private static TaskCompletionSource<bool> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
