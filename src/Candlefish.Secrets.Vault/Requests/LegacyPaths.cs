namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// Old spellings of lease paths become the canonical ones before anything decides about them (CVE-2026-45808: the alias
/// must never be judged by its own name).
/// </summary>
internal static class LegacyPaths
{
    public static CanonicalPath Canonical(CanonicalPath path)
    {
        string value = path.Value;
        if (!value.StartsWith("sys/re", StringComparison.Ordinal))
            return path;
        foreach ((string old, string current) in Renamed)
        {
            if (value.StartsWith(old, StringComparison.Ordinal) && (value.Length == old.Length || value[old.Length] == '/'))
                return CanonicalPath.Of(current + value[old.Length..]);
        }
        return path;
    }

    private static readonly (string Old, string Current)[] Renamed =
    [
        ("sys/renew", "sys/leases/renew"),
        ("sys/revoke", "sys/leases/revoke"),
        ("sys/revoke-prefix", "sys/leases/revoke-prefix"),
        ("sys/revoke-force", "sys/leases/revoke-force"),
    ];
}
