using System.Globalization;
using System.Text;

namespace Candlefish.Secrets.Tests.Conformance.Routes;

/// <summary>Bodies that no client should send. Where a text fits, it is the canary: no refusal may repeat it.</summary>
internal static class MalformedBodies
{
    public const string Canary = "canaryq7w2zr5k";

    /// <summary>Stands where a name stands: the audit trail shows names, as Vault's does; an answer does not.</summary>
    public const string NameCanary = "namedq7w2zr5k";

    private static readonly string[] Values =
    [
        $"\"{Canary}\"", "\"\"", $"[\"{Canary}\"]", $"{{\"{NameCanary}\":\"{Canary}\"}}", $"[[[[\"{Canary}\"]]]]", "[null]", "{}", "null", "true", "-1", "1.5",
        "99999999999999999999999999", "1e400", "-9223372036854775809", "9223372036854775807", $"\"9223372036854775807{Canary}\"", "\"1h\"", "\"106751991167d\"",
        "\"\\u0000\"", "\"\\ud800\"", "\"../../sys/mounts\"", "\"{{identity.entity.id}}\"",
    ];

    /// <summary>Every field with every wrong value, one at a time, then all at once.</summary>
    public static IEnumerable<byte[]> OfFields(string[] fields)
    {
        foreach (string field in fields)
        {
            foreach (string value in Values)
                yield return Utf8($"{{\"{field}\":{value}}}");
            yield return Utf8($"{{\"{field}\":\"{Canary}\",\"{field}\":\"{Canary}\"}}");
        }
        foreach (string value in Values.Take(12))
            yield return Utf8("{" + string.Join(',', fields.Select(f => $"\"{f}\":{value}")) + "}");
    }

    /// <summary>Bodies that are wrong as a whole.</summary>
    public static IEnumerable<byte[]> Whole()
    {
        foreach (string text in (string[])
        [
            " ", "null", "true", "0", $"\"{Canary}\"", $"[\"{Canary}\"]", "[]", "{", $"{{\"{NameCanary}\"", $"{{\"{NameCanary}\":", $"{{\"a\":\"{Canary}", $"{{\"{NameCanary}\":1,}}", $"{{'{NameCanary}':1}}",
            $"{{\"a\":{Canary}}}", $"{{\"{NameCanary}\":1}} {{}}", $"{{\"{NameCanary}\":1,\"{NameCanary}\":2}}", $"{{\"a\":NaN,\"b\":\"{Canary}\"}}", $"// {Canary}\n{{}}", $"<a>{Canary}</a>", "\uFEFF{}",
            $"a={Canary}&b[]=%zz", new string('[', 2_000), string.Concat(Enumerable.Repeat("{\"a\":", 2_000)), $"{{\"{NameCanary}\\ud800\":1}}",
        ])
            yield return Utf8(text);
        yield return [0xFF, 0xFE, .. Utf8(Canary)];
        yield return [.. Utf8("{\"a\":\""), 0xC3, 0x28, .. Utf8(Canary + "\"}")];
        yield return [0x00];
    }

    /// <summary>A valid object with a text of 1 MiB.</summary>
    public static byte[] Large(string field) => Utf8($"{{\"{field}\":\"{string.Concat(Enumerable.Repeat("0123456789abcdef", 65_536))}\"}}");

    /// <summary>Objects that cost a careless parser much: depth, names, items, escapes.</summary>
    public static IEnumerable<(string Name, byte[] Body)> Complex()
    {
        yield return ("depth 100,000", Utf8(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000)));
        yield return ("1,000,000 names", Utf8("{" + string.Join(',', Enumerable.Range(0, 1_000_000).Select(i => "\"" + i.ToString(CultureInfo.InvariantCulture) + "\":1")) + "}"));
        yield return ("1,000,000 texts", Utf8("{\"a\":[" + string.Join(',', Enumerable.Repeat("\"x\"", 1_000_000)) + "]}"));
        yield return ("100,000 times one name", Utf8("{" + string.Join(',', Enumerable.Repeat("\"a\":1", 100_000)) + "}"));
        yield return ("half characters", Utf8("{\"a\":\"" + string.Concat(Enumerable.Repeat("\\ud800", 100_000)) + "\"}"));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
