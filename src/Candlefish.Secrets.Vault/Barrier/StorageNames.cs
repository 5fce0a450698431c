namespace Candlefish.Secrets.Vault.Barrier;

/// <summary>
/// The one place where a logical key becomes the name under which storage sees it.
/// </summary>
/// <remarks>
/// Today the two are equal. Whatever hides names at rest (a keyed hash or deterministic encryption per segment) goes
/// here and nowhere else; it must keep prefixes that end in <c>/</c> prefixes.
/// </remarks>
internal static class StorageNames
{
    public static string Of(string logicalKey) => logicalKey;

    public static string LogicalOf(string storageName) => storageName;
}
