using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Policies;

/// <summary>The question that a policy decision answers. Everything that it depends on is here: no clock, no I/O.</summary>
public readonly record struct AclRequest
{
    public required Operation Operation { get; init; }

    /// <summary>
    /// The canonical path without a leading slash and with its mount, for example <c>secret/data/app</c>: the very
    /// string that router and storage see.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>
    /// The parameters; <see langword="null"/> when there are none. Parsed only if the deciding rule looks at them: a
    /// body that is no JSON object then is a <see cref="RequestRefused"/>.
    /// </summary>
    public RequestData? Data { get; init; }

    /// <summary>The response-wrapping TTL; <see langword="null"/> or zero = the response is not wrapped.</summary>
    public TimeSpan? WrapTtl { get; init; }

    /// <summary>The path needs <see cref="Capability.Sudo"/> in addition.</summary>
    public bool IsRootProtected { get; init; }

    /// <summary>Decides which rules have expired.</summary>
    public required DateTimeOffset Now { get; init; }
}
