using Candlefish.Secrets.Builtin.Storage.Sqlite;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Tests.Contract;

public sealed class SqliteStorageContract : StorageContract
{
    private readonly TemporaryDirectory _directory = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    protected override async ValueTask<IStorage> OpenAsync() => await SqliteStorage.OpenAsync(_directory.Path, Cancellation);
}

public sealed class SqliteStorageFeedContract : StorageFeedContract
{
    private readonly TemporaryDirectory _directory = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    protected override async ValueTask<IStorage> OpenAsync() => await SqliteStorage.OpenAsync(_directory.Path);
}
