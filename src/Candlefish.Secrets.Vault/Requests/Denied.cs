namespace Candlefish.Secrets.Vault.Requests;

/// <summary>The two refusals of authorization, in the exact texts that clients compare with.</summary>
public static class Denied
{
    /// <summary>A valid token without the right.</summary>
    public static VaultResponse Permission() => VaultResponse.Error(403, ErrorText.Many("permission denied"));

    /// <summary>No token, or one that is unknown, expired or revoked.</summary>
    public static VaultResponse InvalidToken() => VaultResponse.Error(403, ErrorText.Many("permission denied", "invalid token"));
}

/// <summary>The list form of error texts: <c>N errors occurred:\n\t* a\n\t* b\n\n</c>.</summary>
public static class ErrorText
{
    public static string Many(params string[] errors) =>
        (errors.Length == 1 ? "1 error" : errors.Length + " errors") + " occurred:\n\t* " + string.Join("\n\t* ", errors) + "\n\n";
}
