using System.Globalization;
using System.Text.Json;
using Candlefish.Secrets.Vault.Hcl;

namespace Candlefish.Secrets.Vault.Policies.Matching;

/// <summary>
/// Compares the value of a request parameter with the values of a policy: exactly, or with <c>*</c> at the start
/// or end of a policy string; each element of a list and of a comma-separated string by itself.
/// </summary>
/// <remarks>
/// Backends read <c>"5"</c> as 5, <c>"true"</c> as true, fold the case of names and trim list elements, so a denied value is
/// recognised across those spellings, and in an object among its values and as <c>name=value</c>. An allowed value is the exact text, whatever its JSON type. An empty list, null and
/// an object are allowed only where the policy lists that very value: an empty list may mean "take the default".
/// </remarks>
internal static class ParameterValues
{
    /// <summary>Whether the value, or an element of it, is among the denied ones.</summary>
    public static bool HasDenied(JsonElement value, IReadOnlyList<HclValue> denied)
    {
        if (IsAny(value, denied, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var element in value.EnumerateArray())
            {
                if (HasDenied(element, denied))
                {
                    return true;
                }
            }
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
            {
                if (HasDenied(member.Value, denied) || (PairOf(member) is { } pair && IsAnyText(pair, denied, StringComparison.OrdinalIgnoreCase)))
                {
                    return true;
                }
            }
        }

        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text)
        {
            foreach (var range in text.AsSpan().Split(','))
            {
                if (IsAnyText(text.AsSpan(range).Trim(), denied, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether the value as a whole, or else every element of it, is among the allowed ones.</summary>
    public static bool AllAllowed(JsonElement value, IReadOnlyList<HclValue> allowed)
    {
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0)
        {
            var all = true;
            foreach (var element in value.EnumerateArray())
            {
                all &= AllAllowed(element, allowed);
            }

            return all || IsAny(value, allowed, StringComparison.Ordinal);
        }

        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { } text || !text.Contains(','))
        {
            return IsAny(value, allowed, StringComparison.Ordinal);
        }

        return allowed.Any(item => item.Kind == HclKind.String && item.Text == text) || EveryPart(text, allowed);
    }

    /// <summary>A member as backends take it in a list, <c>name=value</c>; null for what has no such form.</summary>
    private static string? PairOf(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.String => $"{member.Name.Trim()}={member.Value.GetString()?.Trim()}",
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => $"{member.Name.Trim()}={member.Value.GetRawText()}",
        _ => null,
    };

    private static bool EveryPart(string text, IReadOnlyList<HclValue> allowed)
    {
        foreach (var range in text.AsSpan().Split(','))
        {
            if (!IsAnyText(text.AsSpan(range).Trim(), allowed, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsAny(JsonElement value, IReadOnlyList<HclValue> items, StringComparison comparison)
    {
        foreach (var item in items)
        {
            if (IsSame(value, item, comparison))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAnyText(ReadOnlySpan<char> text, IReadOnlyList<HclValue> items, StringComparison comparison)
    {
        foreach (var item in items)
        {
            if (IsSameText(text, item, comparison))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSame(JsonElement value, HclValue item, StringComparison comparison) => value.ValueKind switch
    {
        JsonValueKind.String => IsSameText(value.GetString(), item, comparison),
        JsonValueKind.Number => IsSameText(value.GetRawText(), item, comparison) || IsSameNumber(value.GetRawText(), item.Text),
        JsonValueKind.True => IsSameText("true", item, comparison),
        JsonValueKind.False => IsSameText("false", item, comparison),
        JsonValueKind.Array => item.Kind == HclKind.List && IsSameList(value, item.Items, comparison),
        JsonValueKind.Object => item.Body is { } body && IsSameObject(value, body, comparison),
        _ => false,
    };

    private static bool IsSameText(ReadOnlySpan<char> text, HclValue item, StringComparison comparison) => item.Kind switch
    {
        HclKind.String when comparison == StringComparison.OrdinalIgnoreCase =>
            MatchesGlob(LetterCase.Fold(text.ToString()), LetterCase.Fold(item.Text), StringComparison.Ordinal),
        HclKind.String => MatchesGlob(text, item.Text, comparison),
        HclKind.Number => text.Equals(item.Text, StringComparison.Ordinal) || IsSameNumber(text, item.Text),
        HclKind.Bool => HclValue.TryReadBool(text.ToString(), out var value) && value == (item.Text == "true"),
        _ => false,
    };

    public static bool MatchesGlob(ReadOnlySpan<char> text, ReadOnlySpan<char> glob, StringComparison comparison)
    {
        var fromStart = !glob.StartsWith('*');
        var toEnd = !glob.EndsWith('*');
        var core = glob.Trim('*');
        return (fromStart, toEnd) switch
        {
            (true, true) => text.Equals(glob, comparison),
            (true, false) => text.StartsWith(glob[..^1], comparison),
            (false, true) => text.EndsWith(glob[1..], comparison),
            _ => core.IsEmpty || text.Contains(glob[1..^1], comparison),
        };
    }

    private static bool IsSameNumber(ReadOnlySpan<char> left, ReadOnlySpan<char> right) =>
        decimal.TryParse(left, NumberStyles.Float, CultureInfo.InvariantCulture, out var a)
        && decimal.TryParse(right, NumberStyles.Float, CultureInfo.InvariantCulture, out var b)
        && a == b;

    private static bool IsSameList(JsonElement value, IReadOnlyList<HclValue> items, StringComparison comparison)
    {
        if (value.GetArrayLength() != items.Count)
        {
            return false;
        }

        var index = 0;
        foreach (var element in value.EnumerateArray())
        {
            if (!IsSame(element, items[index++], comparison))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsSameObject(JsonElement value, HclBlock body, StringComparison comparison)
    {
        var count = 0;
        foreach (var property in value.EnumerateObject())
        {
            count++;
            var nested = body.Blocks.FirstOrDefault(block => block.Type == property.Name);
            var same = nested is not null
                ? property.Value.ValueKind == JsonValueKind.Object && IsSameObject(property.Value, nested, comparison)
                : body.Value(property.Name) is { } item && IsSame(property.Value, item, comparison);
            if (!same)
            {
                return false;
            }
        }

        return count == body.Attributes.Count + body.Blocks.Count;
    }
}
