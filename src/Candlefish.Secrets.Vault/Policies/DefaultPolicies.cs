namespace Candlefish.Secrets.Vault.Policies;

/// <summary>The texts of the policies that every vault has from the start.</summary>
public static class DefaultPolicies
{
    /// <summary>
    /// What every token may do unless it was made without this policy: look after itself. Administrators may edit it,
    /// and cannot delete it.
    /// </summary>
    public const string Default = """
        # A token looks after itself.
        path "auth/token/lookup-self" {
            capabilities = ["read"]
        }
        path "auth/token/renew-self" {
            capabilities = ["update"]
        }
        path "auth/token/revoke-self" {
            capabilities = ["update"]
        }
        path "sys/capabilities-self" {
            capabilities = ["update"]
        }
        path "sys/internal/ui/resultant-acl" {
            capabilities = ["read"]
        }

        # An entity reads its own record.
        path "identity/entity/id/{{identity.entity.id}}" {
            capabilities = ["read"]
        }
        path "identity/entity/name/{{identity.entity.name}}" {
            capabilities = ["read"]
        }

        # Leases are known only to those who were given their ids.
        path "sys/renew" {
            capabilities = ["update"]
        }
        path "sys/leases/renew" {
            capabilities = ["update"]
        }
        path "sys/leases/lookup" {
            capabilities = ["update"]
        }

        # Storage that belongs to this token alone.
        path "cubbyhole/*" {
            capabilities = ["create", "read", "update", "delete", "list"]
        }

        # Wrapping of responses, and the state of own requests for approval.
        path "sys/wrapping/wrap" {
            capabilities = ["update"]
        }
        path "sys/wrapping/lookup" {
            capabilities = ["update"]
        }
        path "sys/wrapping/unwrap" {
            capabilities = ["update"]
        }
        path "sys/control-group/request" {
            capabilities = ["update"]
        }

        # Tools and sign-in that touch no secret.
        path "sys/tools/hash" {
            capabilities = ["update"]
        }
        path "sys/tools/hash/*" {
            capabilities = ["update"]
        }
        path "identity/oidc/provider/+/authorize" {
            capabilities = ["read", "update"]
        }

        """;

    /// <summary>What a wrapping token may do. Not editable, not assignable.</summary>
    public const string ResponseWrapping = """
        path "cubbyhole/response" {
            capabilities = ["create", "read"]
        }
        path "sys/wrapping/unwrap" {
            capabilities = ["update"]
        }

        """;

    /// <summary>What the token of a request that waits for approvals may do. Not editable, not assignable.</summary>
    public const string ControlGroup = """
        path "cubbyhole/control-group" {
            capabilities = ["create", "read", "update"]
        }
        path "sys/wrapping/unwrap" {
            capabilities = ["update"]
        }

        """;

    /// <summary>The text behind a canonical name; <see langword="null"/> when it is none of these.</summary>
    public static string? TextOf(string canonicalName) => canonicalName switch
    {
        PolicyNames.Default => Default,
        PolicyNames.ResponseWrapping => ResponseWrapping,
        PolicyNames.ControlGroup => ControlGroup,
        _ => null,
    };
}
