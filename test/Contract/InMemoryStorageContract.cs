using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Tests.Contract;

public sealed class InMemoryStorageContract : StorageContract
{
    protected override ValueTask<IStorage> OpenAsync() => new(new InMemoryStorage());
}

public sealed class InMemoryStorageFeedContract : StorageFeedContract
{
    protected override ValueTask<IStorage> OpenAsync() => new(new InMemoryStorage());
}
