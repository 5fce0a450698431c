using System.Globalization;
using System.Text;

namespace Candlefish.Secrets.Tests.Fuzz.Http;

/// <summary>JSON that is odd, broken, deep, repeated or large; and what is no JSON at all.</summary>
internal static class OddBodies
{
    private static readonly string[] Scalars =
    [
        "null", "true", "false", "0", "-0", "-1", "1.5", "1e400", "9223372036854775808", "-9223372036854775809", "99999999999999999999999999999999", "0.1e-5", "\"\"", "\"a\"", "\"1h\"", "\"-5s\"", "\"106751991167d\"",
        "\"9999999999\"", "\"true\"", "\"*\"", "\"..\"", "\"a/b\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\ud83d\\udd11\"", "\"{{identity.entity.id}}\"", "\"AAAA\"", "\"=\"", "\"2026-01-01T00:00:00Z\"", "\"127.0.0.1/33\"", "\"path \\\"a\\\" {}\"",
    ];

    private static readonly string[] NoScalars =
    [
        "NaN", "Infinity", "01", "+1", "'a'", "undefined", "\"\\x\"", "\"\t\"", "\"", "tru",
    ];

    /// <param name="fields">Names of the fields that the route knows.</param>
    public static byte[] Of(Random random, IReadOnlyList<string> fields)
    {
        byte[] body = Encoding.UTF8.GetBytes(random.Next(60) switch
        {
            0 => "",
            1 => string.Concat(Enumerable.Repeat(OddText.Of(random, "[", "{\"a\":", "[{\"a\":["), random.Next(1, 3_000))),
            2 => Nested(random.Next(1, 200)),
            3 => "{" + string.Join(',', Enumerable.Repeat($"\"{Name(random, fields)}\":{Value(random, 3)}", random.Next(2, 50))) + "}",
            4 => "[" + Value(random, 2) + "]",
            5 => Value(random, 0),
            6 => "a=b&c=%zz",
            7 => "\uFEFF" + Object(random, fields, 2),
            8 => Object(random, fields, 2) + Object(random, fields, 2),
            9 when random.Next(3) == 0 => $"{{\"{Name(random, fields)}\":\"{new string('x', random.Next(1, 3_000_000))}\"}}",
            10 when random.Next(3) == 0 => "{" + string.Join(',', Enumerable.Range(0, random.Next(1, 60_000)).Select(i => "\"" + i.ToString(CultureInfo.InvariantCulture) + "\":1")) + "}",
            _ => Object(random, fields, 3),
        });
        for (int damages = random.Next(8) == 0 ? random.Next(1, 5) : 0; damages > 0 && body.Length > 0; damages--)
            body = Damage(random, body);
        return body;
    }

    private static byte[] Damage(Random random, byte[] body)
    {
        int at = random.Next(body.Length);
        switch (random.Next(4))
        {
            case 0:
                body[at] ^= (byte)(1 << random.Next(8));
                return body;
            case 1:
                body[at] = OddText.Of<byte>(random, 0, 0x80, 0xC3, 0xED, 0xFF, (byte)'"', (byte)'\\', (byte)'{', (byte)']');
                return body;
            case 2:
                return body[..at];
            default:
                return [.. body.AsSpan(0, at), 0xC0, 0xAF, .. body.AsSpan(at)];
        }
    }

    private static string Object(Random random, IReadOnlyList<string> fields, int depth) =>
        "{" + string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ => $"\"{Name(random, fields)}\":{Value(random, depth)}")) + "}";

    private static string Value(Random random, int depth) => (depth <= 0 ? 9 : random.Next(10)) switch
    {
        0 or 1 => "[" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1))) + "]",
        2 or 3 => Object(random, [], depth - 1),
        _ => OddText.Of<string>(random, random.Next(25) == 0 ? NoScalars : Scalars),
    };

    private static string Name(Random random, IReadOnlyList<string> fields) =>
        fields.Count > 0 && random.Next(6) != 0 ? fields[random.Next(fields.Count)] : OddText.Of(random, "a", "data", "options", "", "\\u0000", "__proto__", "é", "a.b", "type", "token", "policies");

    private static string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
}
