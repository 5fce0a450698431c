using System.Text;
using Candlefish.Secrets.Vault.Storage;
using SQLitePCL;

namespace Candlefish.Secrets.Builtin.Storage.Sqlite;

/// <summary>
/// A connection that only reads. Each call is one statement and so one snapshot of the database; readers never wait for
/// the writer nor it for them. Used by one thread at a time.
/// </summary>
internal sealed class SqliteReader : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly sqlite3_stmt _get;
    private readonly sqlite3_stmt _list;

    public SqliteReader(string file)
    {
        _database = SqliteDatabase.OpenReader(file);
        try
        {
            _get = _database.Prepare("SELECT version, value FROM kv WHERE key = ?1");
            _list = _database.Prepare("SELECT key FROM kv WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3");
        }
        catch
        {
            _database.Dispose();
            throw;
        }
    }

    public StoredValue? Get(ReadOnlySpan<byte> key)
    {
        _database.Bind(_get, 1, key);
        try
        {
            return _database.Step(_get)
                ? new StoredValue(raw.sqlite3_column_blob(_get, 1).ToArray(), raw.sqlite3_column_int64(_get, 0))
                : null;
        }
        finally
        {
            _ = raw.sqlite3_reset(_get);
        }
    }

    public List<string> List(string prefix, string after, int limit, CancellationToken cancellation)
    {
        // The key after "x" in byte order is "x" followed by NUL, which no key contains.
        var start = Encoding.UTF8.GetBytes(StorageKey.Order.Compare(after, prefix) >= 0 && after.Length > 0 ? after + '\0' : prefix);
        _database.Bind(_list, 1, start);
        _database.Bind(_list, 2, EndOf(prefix));
        _database.Bind(_list, 3, limit);
        var keys = new List<string>();
        try
        {
            while (_database.Step(_list))
            {
                cancellation.ThrowIfCancellationRequested();
                keys.Add(Encoding.UTF8.GetString(raw.sqlite3_column_blob(_list, 0)));
            }

            return keys;
        }
        finally
        {
            _ = raw.sqlite3_reset(_list);
        }
    }

    public void Dispose() => _database.Dispose();

    /// <summary>The first bytes after every key with the prefix. No byte of UTF-8 is 0xFF, so the last can be raised.</summary>
    private static byte[] EndOf(string prefix)
    {
        if (prefix.Length == 0)
        {
            return [0xFF];
        }

        var end = Encoding.UTF8.GetBytes(prefix);
        end[^1]++;
        return end;
    }
}
