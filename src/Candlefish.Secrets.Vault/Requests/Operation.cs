namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// What a request wants to do with its path. These are the only operations that a client can name; internal ones
/// (renew, revoke, rollback) are methods of backends and have no value here, so no client field can select them.
/// </summary>
/// <remarks>The pipeline settles <see cref="Create"/> against <see cref="Update"/> by the existence of the resource.</remarks>
public enum Operation
{
    /// <summary>Writes a resource that does not exist yet.</summary>
    Create,

    /// <summary>HTTP GET.</summary>
    Read,

    /// <summary>HTTP POST or PUT on a resource that exists, or on a path without a notion of existence.</summary>
    Update,

    /// <summary>HTTP PATCH.</summary>
    Patch,

    /// <summary>HTTP DELETE.</summary>
    Delete,

    /// <summary>HTTP LIST, or GET with <c>?list=true</c>.</summary>
    List,

    /// <summary>HTTP SCAN, or GET with <c>?scan=true</c>: a recursive list.</summary>
    Scan,

    /// <summary>Asks for the description of a path; always allowed.</summary>
    Help,
}
