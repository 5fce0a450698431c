using System.Globalization;
using System.Text;
using System.Text.Json;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>
/// The names and texts that clients attach to a key (Vault API: <c>custom_metadata</c>): at most 64, names of 1 to 128
/// and texts of 1 to 512 bytes, printable. Not secret. The index of names serves the search.
/// </summary>
internal static class CustomMetadata
{
    private const int MaxNames = 64;
    private const int MaxNameBytes = 128;
    private const int MaxTextBytes = 512;
    private const string Failed = "custom_metadata validation failed: ";
    private const string Tags = "tag/";

    public static SortedDictionary<string, string> Parse(ReadOnlyMemory<byte> stored)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (stored.IsEmpty)
            return map;
        using JsonDocument document = JsonDocument.Parse(stored);
        foreach (JsonProperty member in document.RootElement.EnumerateObject())
            map[member.Name] = member.Value.GetString() ?? "";
        return map;
    }

    public static byte[] Serialize(IReadOnlyDictionary<string, string> map) => JsonData.Object(w =>
    {
        foreach ((string name, string text) in map)
            w.WriteString(name, text);
    }).Utf8.ToArray();

    /// <summary>Merges an RFC 7396 patch of the map. Refuses values that are no texts with <see cref="RequestRefused"/>.</summary>
    public static void Merge(SortedDictionary<string, string> map, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
            throw Wrong();
        foreach (JsonProperty member in patch.EnumerateObject())
        {
            switch (member.Value.ValueKind)
            {
                case JsonValueKind.Null:
                    map.Remove(member.Name);
                    break;
                case JsonValueKind.String:
                    map[member.Name] = member.Value.GetString() ?? "";
                    break;
                case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                    map[member.Name] = member.Value.GetRawText();
                    break;
                default:
                    throw Wrong();
            }
        }
    }

    /// <summary>The refusal that names everything wrong; <see langword="null"/> when the map is good.</summary>
    public static VaultResponse? Refusal(IReadOnlyDictionary<string, string> map)
    {
        if (map.Count > MaxNames)
            return Refuse([string.Create(CultureInfo.InvariantCulture, $"{Failed}payload must contain at most {MaxNames} keys, provided {map.Count}")]);
        var errors = new List<string>();
        foreach ((string name, string text) in map)
        {
            int nameBytes = Encoding.UTF8.GetByteCount(name), textBytes = Encoding.UTF8.GetByteCount(text);
            if (nameBytes is 0 or > MaxNameBytes)
                errors.Add(string.Create(CultureInfo.InvariantCulture, $"{Failed}length of key {Quote(name)} is {nameBytes} but must be 0 < len(key) <= {MaxNameBytes}"));
            if (textBytes is 0 or > MaxTextBytes)
                errors.Add(string.Create(CultureInfo.InvariantCulture, $"{Failed}length of value for key {Quote(name)} is {textBytes} but must be 0 < len(value) <= {MaxTextBytes}"));
            if (!IsPrintable(name))
                errors.Add($"{Failed}key {Quote(name)} ({Shown(name)}) contains unprintable characters");
            if (!IsPrintable(text))
                errors.Add($"{Failed}value for key {Quote(name)} contains unprintable characters");
        }
        return errors.Count == 0 ? null : Refuse([.. errors]);
    }

    /// <summary>Brings the index of names up to date with a change of a key.</summary>
    public static void Index(BarrierView storage, string path, IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after)
    {
        foreach (string name in before.Keys.Where(n => !after.ContainsKey(n)))
            storage.Delete(TagKey(name) + path);
        foreach (string name in after.Keys.Where(n => !before.ContainsKey(n)))
            storage.Put(TagKey(name) + path, [1]);
    }

    /// <summary>Paths of the keys that carry a name which holds <paramref name="text"/>, letter case aside.</summary>
    public static async ValueTask<HashSet<string>> FindAsync(BarrierView storage, string text, CancellationToken cancellation)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (string folder in await storage.ListAsync(Tags, cancellation))
        {
            string name = Encoding.UTF8.GetString(Convert.FromHexString(folder.AsSpan(0, folder.Length - 1)));
            if (name.Contains(text, StringComparison.OrdinalIgnoreCase))
                paths.UnionWith(await storage.ScanAsync(Tags + folder, cancellation));
        }
        return paths;
    }

    // In hexadecimal, because a name may hold a slash.
    private static string TagKey(string name) => Tags + Convert.ToHexStringLower(Encoding.UTF8.GetBytes(name)) + "/";

    private static VaultResponse Refuse(string[] errors) => VaultResponse.BadRequest(ErrorText.Many(errors));

    private static RequestRefused Wrong() =>
        RequestRefused.BadRequest("error converting input for field \"custom_metadata\": expected a map of texts");

    private static bool IsPrintable(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!IsPrintable(rune))
                return false;
        }
        return true;
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    private static string Shown(string text) => string.Concat(text.EnumerateRunes().Where(IsPrintable));

    private static string Quote(string name)
    {
        var quoted = new StringBuilder("\"");
        foreach (Rune rune in name.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\')
                quoted.Append('\\').Append((char)rune.Value);
            else if (IsPrintable(rune))
                quoted.Append(rune.ToString());
            else if (rune.Value <= 0xffff)
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
        }
        return quoted.Append('"').ToString();
    }
}
