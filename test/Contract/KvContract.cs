using Candlefish.Secrets.Tests.Support;

namespace Candlefish.Secrets.Tests.Contract;

public sealed class KvContract : BackendContract
{
    protected override (string Path, string Body) Enable => ("sys/mounts/kv", """{"type":"kv","options":{"version":"2"}}""");

    protected override async Task PrepareAsync(TestVault vault, string mount)
    {
        await vault.WriteAsync(mount + "config", """{"max_versions":3}""");
        await vault.WriteAsync(mount + "data/c1", """{"data":{"a":{"b":1}}}""");
        await vault.WriteAsync(mount + "metadata/c1", """{"custom_metadata":{"owner":"ops"}}""");
    }
}

public sealed class KvUnversionedContract : BackendContract
{
    protected override (string Path, string Body) Enable => ("sys/mounts/kv", """{"type":"kv"}""");

    protected override Task PrepareAsync(TestVault vault, string mount) => vault.WriteAsync(mount + "c1", """{"a":1}""");
}
