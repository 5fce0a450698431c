namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>Storage keys of tokens. HASH is the name that <see cref="TokenNames"/> gives.</summary>
internal static class TokenKeys
{
    public const string Salt = "sys/token/salt";

    /// <summary>Records: <c>sys/token/id/HASH</c>.</summary>
    public const string Ids = "sys/token/id/";

    /// <summary>
    /// <c>sys/token/accessor/HASH_OF_ACCESSOR</c> → HASH, a space, the accessor. Written once and deleted with the token:
    /// who reads it in a transaction has that transaction refused when the token is revoked meanwhile.
    /// </summary>
    public const string Accessors = "sys/token/accessor/";

    /// <summary>Revocations under way: <c>sys/token/revoking/ROOT_HASH/HASH</c> → kind. See <see cref="TokenRevoker"/>.</summary>
    public const string Revoking = "sys/token/revoking/";

    public static string Id(string hash) => Ids + hash;

    /// <summary>Children of a token: <c>sys/token/parent/PARENT_HASH/HASH</c>.</summary>
    public static string Children(string parentHash) => $"sys/token/parent/{parentHash}/";

    public static string Child(string parentHash, string hash) => $"sys/token/parent/{parentHash}/{hash}";

    public static string Tombstone(string rootHash, string hash) => $"{Revoking}{rootHash}/{hash}";

    /// <summary>What a token keeps for itself; goes with the token.</summary>
    public static string Cubbyhole(string hash) => $"sys/cubbyhole/{hash}/";
}
