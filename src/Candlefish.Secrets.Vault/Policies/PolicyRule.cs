using Candlefish.Secrets.Vault.Hcl;
using Candlefish.Secrets.Vault.Policies.Matching;

namespace Candlefish.Secrets.Vault.Policies;

/// <summary>One <c>path "…" { }</c> of a policy. Immutable.</summary>
public sealed class PolicyRule
{
    /// <summary>The pattern as written, without a leading slash; may hold <c>{{identity…}}</c>.</summary>
    public required string Path { get; init; }

    public Capability Capabilities { get; init; }

    /// <summary>Lower-cased names to allowed values; an empty list allows any value. Empty = unrestricted.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<HclValue>> AllowedParameters { get; init; } = NoParameters;

    /// <summary>Lower-cased names to refused values; an empty list refuses any value.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<HclValue>> DeniedParameters { get; init; } = NoParameters;

    /// <summary>Lower-cased names that a request must carry.</summary>
    public IReadOnlyList<string> RequiredParameters { get; init; } = [];

    /// <summary>Shortest response-wrapping TTL; <see langword="null"/> = no minimum.</summary>
    public TimeSpan? MinWrappingTtl { get; init; }

    /// <summary>Longest response-wrapping TTL; <see langword="null"/> = no maximum.</summary>
    public TimeSpan? MaxWrappingTtl { get; init; }

    /// <summary>MFA methods that a request must satisfy, by name or id.</summary>
    public IReadOnlyList<string> MfaMethods { get; init; } = [];

    public ControlGroup? ControlGroup { get; init; }

    public string Comment { get; init; } = "";

    /// <summary>From this moment on the rule does not exist.</summary>
    public DateTimeOffset? Expiration { get; init; }

    /// <summary>Largest page of a list; the request must ask for a page of 1 up to this.</summary>
    public int? PaginationLimit { get; init; }

    /// <summary>A template for the path whose readability decides whether a listed key is shown; empty = no filter.</summary>
    public string ListFilterPath { get; init; } = "";

    /// <summary>Globs of the event types that <see cref="Capability.Subscribe"/> covers.</summary>
    public IReadOnlyList<string> SubscribeEventTypes { get; init; } = [];

    internal static IReadOnlyDictionary<string, IReadOnlyList<HclValue>> NoParameters { get; } =
        new Dictionary<string, IReadOnlyList<HclValue>>();

    /// <summary><see langword="null"/> when the path holds no template.</summary>
    internal PathTemplate? Template { get; init; }
}
