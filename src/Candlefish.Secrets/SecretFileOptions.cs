namespace Candlefish.Secrets;

/// <summary>What a file loader accepts beyond the plain case: an absolute or relative path without links and dots.</summary>
public sealed record SecretFileOptions
{
    internal static readonly SecretFileOptions Strict = new();

    /// <summary>
    /// The directory that the file must lie in. Below it links and <c>..</c> are resolved, and whatever leads out of it
    /// is refused. A relative path is taken from this directory. Without it, a <c>..</c> segment is refused.
    /// </summary>
    public string? AllowedRoot { get; init; }

    /// <summary>Follows a symbolic link as last part of the path although no root is set. The target is checked all the same.</summary>
    public bool AllowSymlinks { get; init; }

    /// <summary>
    /// Also requires every directory above the file to belong to root or this user and to be writable by nobody else
    /// (unless sticky), as sshd does. Otherwise someone else could rename the file away.
    /// </summary>
    public bool RequireSafeParents { get; init; }

    /// <summary>Fewest bytes of a text secret after trimming, from 1.</summary>
    public int MinBytes { get; init; } = 1;
}
