using System.Text;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Fuzz;

/// <summary>What a client sends reaches the vault as a canonical path and typed fields, or is refused with 4xx.</summary>
public sealed class RequestFuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Names = ["a", "b", "list", "", "é", "a\\ud83d\\udd11", "a.b", "A"];

    [Fact]
    public void Encoded_path_never_throws_and_printing_changes_nothing() => FuzzRun.Repeat(output, random =>
    {
        string encoded = FuzzInput.Text(random, 14, "a", "secret", "/", "data", "%2e", "%2E%2e", ".", "..", "%2f", "%25", "%", "%zz", "%c3%a9", "%c3", "%f0%9f%94%91", "%ed%a0%80", "%00", "é", "+", "*", "%5c", "%20", "%e2%80%8b", "0", "~");
        if (random.Next(50) == 0)
            encoded += new string('x', random.Next(3_000, 3_100));
        if (!CanonicalPath.TryParseEncoded(encoded, out CanonicalPath path, out string error))
        {
            Assert.NotEmpty(error);
            Assert.Equal("", path.Value);
            return false;
        }
        Assert.True(CanonicalPath.TryParse(path.Value, out CanonicalPath again, out _), "the printed path does not parse");
        Assert.Equal(path, again);
        Assert.True(CanonicalPath.TryParseEncoded(string.Join('/', path.Value.Split('/').Select(Uri.EscapeDataString)), out CanonicalPath escaped, out _), "the escaped path does not parse");
        Assert.Equal(path.Value, escaped.Value);
        Assert.DoesNotContain(path.Value.Split('/'), s => s is "." or "..");
        Assert.DoesNotContain(path.Value, c => c is '\\' or < ' ' or '\u007f');
        Assert.True(Encoding.UTF8.GetByteCount(path.Value) <= CanonicalPath.MaxBytes);
        return true;
    });

    [Fact]
    public void Fields_of_any_body_are_read_or_refused() => FuzzRun.Repeat(output, random =>
    {
        byte[] body = Encoding.UTF8.GetBytes(FuzzInput.Damage(random, Object(random, 0)));
        if (random.Next(3) == 0)
            body = FuzzInput.Damage(random, body);
        using var data = new RequestData(body);
        var fields = new FieldReader(default, data);
        bool isTaken = true;
        foreach (string name in Names)
        {
            isTaken &= Reads(() => fields.Has(name)) & Reads(() => fields.Text(name)) & Reads(() => fields.SecretText(name))
                & Reads(() => fields.Whole(name)) & Reads(() => fields.Whole(name, 0, 10)) & Reads(() => fields.Number(name)) & Reads(() => fields.Flag(name))
                & Reads(() => fields.Duration(name)) & Reads(() => fields.Ttl(name)) & Reads(() => fields.TextList(name)) & Reads(() => fields.Map(name)) & Reads(() => fields.Any(name));
        }
        return isTaken;
    });

    private static bool Reads<T>(Func<T> read)
    {
        try
        {
            read();
            return true;
        }
        catch (RequestRefused e)
        {
            Assert.InRange(e.Status, 400, 499);
            return false;
        }
    }

    private static string Object(Random random, int depth) =>
        "{" + string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ => $"\"{FuzzInput.Of(random, Names)}\":{Value(random, depth + 1)}")) + "}";

    private static string Value(Random random, int depth) => random.Next(depth > 4 ? 6 : 9) switch
    {
        0 => FuzzInput.Of(random, "0", "-1", "1.5", "1e400", "99999999999999999999999", "9223372036854775807", "-0", "1E-999"),
        1 => FuzzInput.Of(random, "true", "false", "null"),
        2 => "\"" + FuzzInput.Of(random, "", "1", "15m", "1h30m", "106751991167d", "-1s", "a=b,c=d", "=", "a", "t", "NaN", "Infinity", "1.7976931348623157e309") + "\"",
        3 => "\"" + FuzzInput.Text(random, 6, "a", "=", ",", "\\\"", "\\u0041", "\\ud83d\\udd11", "\\ud83d", "\\udd11", "\\n", "é", "1").Replace("\n", "\\n", StringComparison.Ordinal) + "\"",
        // JSON inside a text, as a map may be sent.
        4 => "\"" + FuzzInput.Damage(random, Object(random, depth)).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"",
        5 => "\"" + new string(FuzzInput.Of(random, '{', '[', ','), random.Next(200)) + "\"",
        6 => "[" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth + 1))) + "]",
        7 => string.Concat(Enumerable.Repeat("[", random.Next(80))),
        _ => Object(random, depth),
    };
}
