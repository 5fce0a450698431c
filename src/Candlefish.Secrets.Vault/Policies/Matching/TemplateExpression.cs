namespace Candlefish.Secrets.Vault.Policies.Matching;

/// <summary>What stands between <c>{{</c> and <c>}}</c>: whose attribute, and which one.</summary>
internal sealed record TemplateExpression
{
    private enum Owner
    {
        Entity,
        Alias,
        GroupById,
        GroupByName,
    }

    private enum Field
    {
        Id,
        Name,
        Metadata,
        CustomMetadata,
    }

    private Owner Of { get; init; }

    /// <summary>The mount accessor, group id or group name.</summary>
    private string OwnerKey { get; init; } = "";

    private Field Reads { get; init; }

    private string MetadataKey { get; init; } = "";

    /// <summary><see langword="null"/> for an expression that names nothing.</summary>
    public static TemplateExpression? Parse(ReadOnlySpan<char> text)
    {
        if (TryCut(ref text, "identity.entity.aliases."))
        {
            return WithKey(Owner.Alias, text);
        }

        if (TryCut(ref text, "identity.entity."))
        {
            return WithField(Owner.Entity, "", text);
        }

        if (TryCut(ref text, "identity.groups.ids."))
        {
            return WithKey(Owner.GroupById, text);
        }

        return TryCut(ref text, "identity.groups.names.") ? WithKey(Owner.GroupByName, text) : null;
    }

    public string? Resolve(IdentityTemplateValues values)
    {
        switch (Of)
        {
            case Owner.Entity:
                return Read(values.EntityId, values.EntityName, values.Metadata, IdentityTemplateValues.Nothing);
            case Owner.Alias:
                return values.AliasesByMountAccessor.TryGetValue(OwnerKey, out var alias)
                    ? Read(alias.Id, alias.Name, alias.Metadata, alias.CustomMetadata)
                    : null;
            default:
                foreach (var group in values.Groups)
                {
                    if ((Of == Owner.GroupById ? group.Id : group.Name) == OwnerKey)
                    {
                        return Read(group.Id, group.Name, group.Metadata, IdentityTemplateValues.Nothing);
                    }
                }

                return null;
        }
    }

    private static TemplateExpression? WithKey(Owner owner, ReadOnlySpan<char> text)
    {
        var dot = text.IndexOf('.');
        return dot > 0 ? WithField(owner, text[..dot].ToString(), text[(dot + 1)..]) : null;
    }

    private static TemplateExpression? WithField(Owner owner, string ownerKey, ReadOnlySpan<char> text)
    {
        if (text is "id" or "name")
        {
            return new TemplateExpression { Of = owner, OwnerKey = ownerKey, Reads = text is "id" ? Field.Id : Field.Name };
        }

        var custom = owner == Owner.Alias && TryCut(ref text, "custom_metadata.");
        return (custom || TryCut(ref text, "metadata.")) && !text.IsEmpty
            ? new TemplateExpression
            {
                Of = owner,
                OwnerKey = ownerKey,
                Reads = custom ? Field.CustomMetadata : Field.Metadata,
                MetadataKey = text.ToString(),
            }
            : null;
    }

    private static bool TryCut(ref ReadOnlySpan<char> text, string start)
    {
        if (!text.StartsWith(start, StringComparison.Ordinal))
        {
            return false;
        }

        text = text[start.Length..];
        return true;
    }

    private string? Read(
        string id, string name, IReadOnlyDictionary<string, string> metadata, IReadOnlyDictionary<string, string> custom) =>
        Reads switch
        {
            Field.Id => id,
            Field.Name => name,
            Field.Metadata => metadata.GetValueOrDefault(MetadataKey),
            _ => custom.GetValueOrDefault(MetadataKey),
        };
}
