using System.Globalization;
using System.Text;
using Candlefish.Secrets.Vault.Identity;
using Candlefish.Secrets.Vault.Leases;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary><c>auth/token/create</c>, <c>create-orphan</c>, <c>create/ROLE</c>: a token makes a token.</summary>
/// <remarks>
/// Whatever could give the child more than its maker has (a policy, a chosen id, a life without parent or without end)
/// needs the root policy or <c>sudo</c> on the path, or a role that grants it.
/// </remarks>
internal sealed class TokenCreation(UnsealedVault vault)
{
    /// <summary>Most bytes (UTF-8) of all metadata names and values.</summary>
    private const int MaxMetadataBytes = 512 * 1024;

    public static readonly Field[] Fields =
    [
        Field.Text("display_name", "Name of the token in look-ups and audit; 'token-' is put before it."),
        Field.Text("entity_alias", "Alias whose entity the token gets; needs a role that allows it."),
        Field.Duration("explicit_max_ttl", "Hard end of the token's life, counted from now."),
        Field.Text("id", "Text of the token; needs root or sudo. A random one is safer."),
        Field.Map("meta", "Metadata shown in look-ups and audit; at most 512 KiB."),
        Field.Flag("no_default_policy", "Do not add the policy 'default'."),
        Field.Flag("no_parent", "The token does not end with its maker; needs root or sudo."),
        Field.Whole("num_uses", "Requests that the token serves. 0 = unlimited."),
        Field.Duration("period", "Makes the token periodic; needs root or sudo."),
        Field.TextList("policies", "Policies; a subset of the maker's, unless root or sudo. None = the maker's."),
        Field.Flag("renewable", "The token may be renewed.", "true"),
        Field.Duration("ttl", "Life of the token. 0 = the default."),
        Field.Text("type", "service or batch.", "service"),
        Field.Duration("lease", "Use ttl.").Deprecated(),
    ];

    public ValueTask<VaultResponse> CreateAsync(RequestContext context) => CreateAsync(context, role: null, isOrphan: false);

    public ValueTask<VaultResponse> CreateOrphanAsync(RequestContext context) => CreateAsync(context, role: null, isOrphan: true);

    public async ValueTask<VaultResponse> CreateByRoleAsync(RequestContext context)
    {
        string name = context.Capture("role_name");
        return await TokenRoleRoutes.FindAsync(context, name) is { } role
            ? await CreateAsync(context, role, isOrphan: false)
            : VaultResponse.BadRequest($"unknown role {name}");
    }

    private async ValueTask<VaultResponse> CreateAsync(RequestContext context, TokenRole? role, bool isOrphan)
    {
        TokenEntry parent = context.Token ?? throw new InvalidOperationException("auth/token/create runs without a token");
        if (RefuseParent(parent) is { } refused)
            return refused;
        FieldReader fields = context.Fields;
        bool isSudo = context.HasSudo;
        IReadOnlyList<string> policies = ChildPolicies.Of(parent, role, fields.TextList("policies"), fields.Flag("no_default_policy") ?? false, isSudo);
        TokenType type = TypeOf(fields, role);
        if (!(isOrphan || role is { Orphan: true }) && fields.Flag("no_parent") == true)
            isOrphan = isSudo ? true : throw RequestRefused.BadRequest("root or sudo privileges required to create orphan token");
        isOrphan |= role is { Orphan: true };

        var response = new VaultResponse();
        DateTimeOffset now = vault.Clock.Now;
        TokenEntry template = new()
        {
            IdHash = "",
            Accessor = "",
            NamespaceId = context.Namespace.Id,
            Type = type,
            Parent = isOrphan ? "" : parent.IdHash,
            Policies = policies,
            Path = PathOf(context, role),
            Metadata = MetadataOf(fields),
            DisplayName = DisplayNameOf(fields),
            UsesLeft = UsesOf(fields, role),
            CreationTime = now,
            EntityId = await EntityOfAsync(context, fields, role, parent, isOrphan),
            Role = role?.Name ?? "",
            BoundCidrs = role?.Terms.BoundCidrs ?? [],
            NoDefaultPolicy = fields.Flag("no_default_policy") ?? false,
        };
        template = WithLife(context, template, role, isSudo, parent, response);
        RefuseUnboundable(template);
        if (!template.IsOrphan && !await vault.Tokens.HoldsAsync(context.Transaction, parent, context.Cancellation))
            return Denied.InvalidToken();
        string? id = await ChosenIdAsync(context, fields, type, isSudo);
        string text = vault.Tokens.Create(context.Transaction, template, out TokenEntry entry, id);
        await WarnOfUnknownPoliciesAsync(context, policies, response);
        IdentityOfToken identity = await vault.Identity.OfTokenAsync(context.Transaction, context.Namespace, entry, context.Cancellation);
        response.Auth = TokenAnswers.AuthOf(entry, text, entry.Ttl, identity.Policies);
        return response;
    }

    private static VaultResponse? RefuseParent(TokenEntry parent)
    {
        if (parent.Type == TokenType.Batch)
            return VaultResponse.BadRequest("batch tokens cannot create more tokens");
        return parent.UsesLeft != 0
            ? VaultResponse.BadRequest("restricted use token cannot generate child tokens")
            : null;
    }

    private static TokenType TypeOf(FieldReader fields, TokenRole? role)
    {
        string asked = fields.Text("type") ?? "";
        if (asked is not ("" or "service" or "batch"))
            throw RequestRefused.BadRequest("invalid 'token_type' value: use service or batch");
        string type = role?.Terms.Type switch
        {
            "service" => "service",
            "batch" => "batch",
            "default-batch" when asked.Length == 0 => "batch",
            _ => asked,
        };
        return type == "batch" ? TokenType.Batch : TokenType.Service;
    }

    /// <summary>Adds TTL, end, period and renewability to a template.</summary>
    private TokenEntry WithLife(RequestContext context, TokenEntry template, TokenRole? role, bool isSudo, TokenEntry parent, VaultResponse response)
    {
        FieldReader fields = context.Fields;
        TimeSpan asked = fields.Ttl("ttl") ?? fields.Ttl("lease") ?? TimeSpan.Zero;
        TimeSpan ownPeriod = fields.Ttl("period") ?? TimeSpan.Zero;
        if (ownPeriod > TimeSpan.Zero && !isSudo)
            throw RequestRefused.BadRequest("root or sudo privileges required to create periodic token");
        TimeSpan period = Lesser(ownPeriod, role?.Terms.Period ?? TimeSpan.Zero, "Period", response);
        TimeSpan explicitMax = Lesser(fields.Ttl("explicit_max_ttl") ?? TimeSpan.Zero, role?.Terms.ExplicitMaxTtl ?? TimeSpan.Zero, "Explicit max TTL", response);
        if (template.IsRoot && asked == TimeSpan.Zero && period == TimeSpan.Zero && explicitMax == TimeSpan.Zero)
        {
            if (parent.ExpireTime is not null)
                throw RequestRefused.BadRequest("expiring root tokens cannot create non-expiring root tokens");
            return template.Type == TokenType.Batch ? throw RequestRefused.BadRequest("batch tokens cannot be root tokens without a ttl") : template;
        }
        SystemLimits system = vault.Options.Limits;
        var limits = new LifeLimits(template.CreationTime, context.Mount.DefaultTtl(system), context.Mount.MaxTtl(system), period, explicitMax);
        DateTimeOffset end = limits.Grant(template.CreationTime, asked) ?? throw RequestRefused.BadRequest("the limits leave the token no life: ask for a greater explicit_max_ttl");
        if (limits.CapWarning(template.CreationTime, asked, end) is { } warning)
            response.Warn(warning);
        return template with
        {
            Ttl = end - template.CreationTime,
            ExpireTime = end,
            Period = period,
            ExplicitMaxTtl = explicitMax,
            Renewable = template.Type == TokenType.Service && (fields.Flag("renewable") ?? true) && role is not { IsNotRenewable: true },
            InternalData = ownPeriod > TimeSpan.Zero ? TokenRenewal.PeriodOfItsOwn : null,
        };
    }

    private static void RefuseUnboundable(TokenEntry template)
    {
        if (template.Type != TokenType.Batch)
            return;
        string[] bad = [.. Unsupported(template)];
        if (bad.Length > 0)
            throw RequestRefused.BadRequest($"batch tokens cannot have these set: {string.Join(", ", bad)}");

        static IEnumerable<string> Unsupported(TokenEntry t)
        {
            if (t.ExplicitMaxTtl > TimeSpan.Zero)
                yield return "explicit_max_ttl";
            if (t.UsesLeft > 0)
                yield return "num_uses";
            if (t.Period > TimeSpan.Zero)
                yield return "period";
        }
    }

    private static TimeSpan Lesser(TimeSpan asked, TimeSpan ofRole, string name, VaultResponse response)
    {
        if (asked == TimeSpan.Zero || ofRole == TimeSpan.Zero)
            return asked + ofRole;
        TimeSpan lesser = asked < ofRole ? asked : ofRole;
        response.Warn(string.Create(CultureInfo.InvariantCulture, $"{name} specified both during creation call and in role; using the lesser value of {(long)lesser.TotalSeconds} seconds"));
        return lesser;
    }

    private static string PathOf(RequestContext context, TokenRole? role)
    {
        string path = $"auth/token/{context.RelativePath}";
        return role is { PathSuffix.Length: > 0 } ? $"{path}/{role.PathSuffix}" : path;
    }

    private static IReadOnlyDictionary<string, string>? MetadataOf(FieldReader fields)
    {
        IReadOnlyDictionary<string, string>? metadata = fields.Map("meta");
        int bytes = metadata?.Sum(static m => Encoding.UTF8.GetByteCount(m.Key) + Encoding.UTF8.GetByteCount(m.Value)) ?? 0;
        return bytes <= MaxMetadataBytes ? metadata : throw RequestRefused.BadRequest("'meta' is larger than 512 KiB: send less");
    }

    private static string DisplayNameOf(FieldReader fields)
    {
        if (fields.Text("display_name") is not { Length: > 0 } given)
            return "token";
        var name = new StringBuilder("token-", 6 + given.Length);
        foreach (char c in given)
            name.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@' ? c : '-');
        return name.ToString().TrimEnd('-');
    }

    private static int UsesOf(FieldReader fields, TokenRole? role)
    {
        int asked = fields.Whole("num_uses") switch
        {
            null => 0,
            < 0 => throw RequestRefused.BadRequest("number of uses cannot be negative"),
            > int.MaxValue => throw RequestRefused.BadRequest($"'num_uses' must be at most {int.MaxValue}"),
            { } n => (int)n,
        };
        int ofRole = role?.Terms.NumUses ?? 0;
        return asked == 0 || (ofRole > 0 && ofRole < asked) ? ofRole : asked;
    }

    private async ValueTask<string> EntityOfAsync(RequestContext context, FieldReader fields, TokenRole? role, TokenEntry parent, bool isOrphan)
    {
        if (fields.Text("entity_alias") is not { Length: > 0 } alias)
            return isOrphan ? "" : parent.EntityId;
        if (role is null)
            throw RequestRefused.BadRequest("'entity_alias' is only allowed in combination with token role");
        if (!role.AllowsAlias(alias))
            throw RequestRefused.BadRequest("invalid 'entity_alias' value");
        var login = new LoginResult { AliasName = alias.ToLowerInvariant(), DisplayName = alias, Policies = [] };
        return await vault.Identity.EntityOfLoginAsync(context.Transaction, context.Mount, login, context.Cancellation);
    }

    private async ValueTask<string?> ChosenIdAsync(RequestContext context, FieldReader fields, TokenType type, bool isSudo)
    {
        if (fields.Text("id") is not { Length: > 0 } id)
            return null;
        if (!isSudo)
            throw RequestRefused.BadRequest("root or sudo privileges required to specify token id");
        if (type == TokenType.Batch)
            throw RequestRefused.BadRequest("batch tokens cannot have a chosen id");
        if (id.Contains('.', StringComparison.Ordinal))
            throw RequestRefused.BadRequest("custom token ID cannot have a '.' character");
        if (id.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw RequestRefused.BadRequest("custom token ID must be printable ASCII without spaces");
        if (await TokenStore.ReadAsync(context.Transaction, vault.Tokens.HashOf(id), context.Cancellation) is not null)
            throw RequestRefused.BadRequest("cannot create a token with a duplicate ID");
        return id;
    }

    private async ValueTask WarnOfUnknownPoliciesAsync(RequestContext context, IReadOnlyList<string> policies, VaultResponse response)
    {
        foreach (string name in policies)
        {
            if (name != PolicyNames.Root && await vault.Policies(context.Namespace).FindAsync(name, context.Cancellation) is null)
                response.Warn($"Policy \"{name}\" does not exist");
        }
    }
}
