namespace Candlefish.Secrets.Server.Configuration;

/// <summary><c>storage "TYPE" { … }</c>, also spelled <c>backend</c>.</summary>
internal static class StorageReader
{
    public static StorageConfiguration? Read(ConfigurationSection top, ConfigurationPaths paths)
    {
        IReadOnlyList<ConfigurationSection> found = [.. top.Sections("storage", 1), .. top.Sections("backend", 1)];
        if (found.Count == 0)
            return null;
        ConfigurationSection storage = found[0];
        if (found.Count > 1)
            throw found[1].Wrong("a second storage: a server has exactly one");
        switch (storage.Label)
        {
            case StorageConfiguration.InMemory:
                storage.WarnOfUnread();
                return new StorageConfiguration(StorageConfiguration.InMemory, "");
            case StorageConfiguration.File:
                string path = paths.Full(storage, "path") ?? throw storage.Wrong("path", "missing: name the directory of the data");
                storage.WarnOfUnread();
                return new StorageConfiguration(StorageConfiguration.File, path);
            case "postgresql" or "etcd":
                throw storage.Wrong("this storage is not available yet: use storage \"file\" { path = \"…\" }");
            default:
                throw storage.Wrong("this storage does not exist here: use storage \"file\" { path = \"…\" }, or \"inmem\" to try things out");
        }
    }
}
