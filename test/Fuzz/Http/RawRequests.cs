using System.Globalization;
using System.Text;

namespace Candlefish.Secrets.Tests.Fuzz.Http;

/// <summary>Bytes of a connection that no well-behaved client would send. The peer closes it or answers.</summary>
internal static class RawRequests
{
    private static readonly string[] Versions = ["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "http/1.1", "HTTP/1.1 ", "", "HTTP/11", "ICY"];

    private static readonly string[] LineEnds = ["\n", "\r", "\r\r\n", "\n\r", " \r\n"];

    /// <param name="templates">Paths of the server, as its description gives them.</param>
    public static byte[] Next(Random random, IReadOnlyList<string> templates, string token)
    {
        byte[] text = Encoding.Latin1.GetBytes(random.Next(20) switch
        {
            0 => Noise(random),
            1 => OddText.Of(random, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000\u00a1\u0003\u0003\r\n\r\n", "\r\n\r\n\r\n\r\n", "SSH-2.0-a\r\n", "GET", "*1\r\n$4\r\nPING\r\n", "\0\0\0\u000c\u0004\0\0\0\0\0\0\u0003\0\0\0\u0001"),
            2 => HeaderFlood(random, templates),
            3 or 4 => string.Concat(Enumerable.Range(0, random.Next(2, 6)).Select(_ => Request(random, templates, token))),
            _ => Request(random, templates, token),
        });
        for (int i = random.Next(10) == 0 ? random.Next(1, 6) : 0; i > 0 && text.Length > 0; i--)
            text[random.Next(text.Length)] = (byte)random.Next(256);
        return random.Next(15) == 0 ? text[..random.Next(text.Length + 1)] : text;
    }

    private static string Request(Random random, IReadOnlyList<string> templates, string token)
    {
        string end = random.Next(12) == 0 ? OddText.Of<string>(random, LineEnds) : "\r\n";
        var text = new StringBuilder();
        text.Append(random.Next(20) == 0 ? OddText.Of(random, "", " ", "GE(T", "GET\t", "\0", "É", new string('M', random.Next(1, 400))) : OddText.Method(random));
        text.Append(random.Next(25) == 0 ? OddText.Of(random, "  ", "\t", "") : " ");
        text.Append(Target(random, templates));
        text.Append(' ').Append(random.Next(8) == 0 ? OddText.Of<string>(random, Versions) : "HTTP/1.1").Append(end);
        if (random.Next(25) != 0)
            text.Append("Host: ").Append(random.Next(15) == 0 ? OddText.Of(random, "", "a:b", "[::1", "a,b", "é") : "a").Append(end);
        if (random.Next(40) == 0)
            text.Append("Host: b").Append(end);
        if (random.Next(2) == 0)
            text.Append("X-Vault-Token: ").Append(token).Append(end);
        for (int i = random.Next(3); i > 0; i--)
            text.Append(Header(random)).Append(end);
        if (random.Next(4) != 0)
            text.Append("Connection: close").Append(end);
        AppendBody(random, text, end);
        return text.ToString();
    }

    private static string Target(Random random, IReadOnlyList<string> templates)
    {
        string path = "/v1/" + string.Join('/', templates[random.Next(templates.Count)].Split('/').Select(s => s.StartsWith('{') ? OddText.Segment(random) : s)) + (random.Next(3) == 0 ? OddText.Query(random) : "");
        return random.Next(20) switch
        {
            0 => OddText.Of(random, "*", "/", "", "//", "/v1", "/v1/", "/ui/", "/V1/sys/health", "http://", "http://a" + path, "https://a:b@c" + path, "a:443", "\\v1\\sys\\health", "/v1/\0", "?", "#", "/v1/a#b", "/v1/a b", "//v1//sys//health", "/../../v1/sys/health"),
            1 => path.Insert(random.Next(path.Length), OddText.Of(random, "\0", "\\", "\u00c0\u00af", "%", "%u0041", "\u007f", " ", "\t", "/../", "/./", ";", "?", "|", "<")),
            2 => path + new string('p', random.Next(1, 20_000)),
            _ => path,
        };
    }

    private static string Header(Random random) => random.Next(24) switch
    {
        0 => OddText.Of(random, ": a", "a", " a: b", "a : b", "a:b\rc", "a\0: b", "X-A: b\r\n c", "X-A: b\r\n\tc", "é: b", "X-A: \u0001", "(): b", "X-A:b\n"),
        1 => "Content-Length: " + OddText.Of(random, "0", "1", "-1", "+2", "0x2", "2, 2", "2,6", "99999999999999999999", "", " ", "1 1", "2;a"),
        2 => "Transfer-Encoding: " + OddText.Of(random, "chunked", "Chunked", "chunked, identity", "identity", "gzip, chunked", "xchunked", "chunked, chunked", "", "\tchunked", "chunked\u000b", "chunked;a=b"),
        _ => OddText.HeaderName(random) + OddText.Of(random, ": ", ":", ":\t", ":  ") + OddText.HeaderValue(random),
    };

    // Most bodies are complete; some are longer or shorter than they claim to be.
    private static void AppendBody(Random random, StringBuilder text, string end)
    {
        string body = Encoding.Latin1.GetString(OddBodies.Of(random, []));
        switch (random.Next(5))
        {
            case 0:
                text.Append(end);
                break;
            case 1:
                text.Append("Transfer-Encoding: chunked").Append(end);
                if (random.Next(6) == 0)
                    text.Append("Content-Length: ").Append(random.Next(20)).Append(end);
                text.Append(end).Append(Chunks(random, body, end));
                break;
            default:
                int claimed = random.Next(12) == 0 ? Math.Max(0, body.Length + random.Next(-3, 4)) : body.Length;
                text.Append("Content-Length: ").Append(claimed.ToString(CultureInfo.InvariantCulture)).Append(end).Append(end).Append(body);
                break;
        }
    }

    private static string Chunks(Random random, string body, string end)
    {
        var chunked = new StringBuilder();
        for (int at = 0; at < body.Length;)
        {
            int length = Math.Min(body.Length - at, random.Next(1, Math.Max(2, body.Length)));
            chunked.Append(random.Next(15) == 0
                ? OddText.Of(random, "-1", "0x1", "FFFFFFFFFFFFFFFFF", "7fffffffffffffff", "80000000", "", " 1", "1 ", "g", new string('0', 300) + "1")
                : length.ToString("x", CultureInfo.InvariantCulture));
            if (random.Next(6) == 0)
                chunked.Append(OddText.Of(random, ";a", ";a=b", ";a=\"b\"", ";", ";\n", ";a=\r", ";" + new string('e', random.Next(1, 20_000)), "\t;a", ";\0"));
            chunked.Append(end).Append(body, at, length).Append(random.Next(20) == 0 ? OddText.Of(random, "", "X", "\n", "\r\n\r\n") : end);
            at += length;
        }
        chunked.Append(random.Next(12) == 0 ? OddText.Of(random, "", "00000", "0;a=b", "-0") : "0").Append(end);
        if (random.Next(8) == 0)
            chunked.Append(OddText.Of(random, "X-A: b", "Transfer-Encoding: chunked", "Content-Length: 5", "a", ": b", "X-Vault-Token: a")).Append(end);
        return chunked.Append(end).ToString();
    }

    private static string HeaderFlood(Random random, IReadOnlyList<string> templates)
    {
        int count = random.Next(50, 400);
        return $"GET {Target(random, templates)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            + string.Concat(Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"X-{i}: {new string('a', random.Next(300))}\r\n"))) + "\r\n";
    }

    private static string Noise(Random random)
    {
        byte[] noise = new byte[random.Next(1, 2_000)];
        random.NextBytes(noise);
        return Encoding.Latin1.GetString(noise) + "\r\n\r\n";
    }
}
