using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary><c>sys/tools</c>: random bytes and hashes (Vault API). The generator is the operating system's.</summary>
internal static class ToolRoutes
{
    /// <summary>Most random bytes of one answer.</summary>
    private const int MaxRandomBytes = 128 * 1024;

    public static IEnumerable<Route> All()
    {
        Field[] random =
        [
            Field.Whole("bytes", "Number of bytes, 1 to 131072.", "32"),
            Field.Text("format", "base64 or hex.", "base64"),
        ];
        Field[] hash =
        [
            Field.Text("input", "Base64 text to hash.").Required(),
            Field.Text("format", "base64 or hex.", "hex"),
            Field.Text("algorithm", "sha2-224 is not offered; sha2-256, sha2-384, sha2-512, sha3-256, sha3-384, sha3-512.", "sha2-256"),
        ];
        yield return Route.At("tools/random", "Returns random bytes.").Takes(random).Takes(Field.Text("source", "platform, seal or all: one generator serves all.")).Writes(RandomAsync);
        yield return Route.At("tools/random/{first}", "Returns random bytes; the segment is a source or a number of bytes.").Takes(random).Writes(RandomAsync);
        yield return Route.At("tools/random/{first}/{urlbytes}", "Returns random bytes of a source.").Takes(random).Writes(RandomAsync);
        yield return Route.At("tools/hash", "Hashes the input.").Takes(hash).Writes(HashAsync);
        yield return Route.At("tools/hash/{urlalgorithm}", "Hashes the input with the named algorithm.").Takes(hash).Writes(HashAsync);
    }

    private static ValueTask<VaultResponse> RandomAsync(RequestContext context)
    {
        FieldReader fields = context.Fields;
        string? first = context.Match.Capture("first");
        string? count = context.Match.Capture("urlbytes") ?? (first is not null && first.All(char.IsAsciiDigit) ? first : null);
        string source = first is null || first.All(char.IsAsciiDigit) ? fields.Text("source") ?? "platform" : first;
        if (source is not ("platform" or "seal" or "all"))
            throw RequestRefused.BadRequest("unsupported entropy source: use platform, seal or all");
        int bytes = count is null
            ? fields.Whole("bytes", 1, MaxRandomBytes) ?? 32
            : int.TryParse(count, out int n) && n is >= 1 and <= MaxRandomBytes ? n : throw RequestRefused.BadRequest($"'bytes' must be between 1 and {MaxRandomBytes}");
        byte[] random = RandomNumberGenerator.GetBytes(bytes);
        string text = Encode(random, fields.Text("format") ?? "base64");
        return ValueTask.FromResult(VaultResponse.Ok(JsonData.Object(w => w.WriteString("random_bytes", text))));
    }

    private static ValueTask<VaultResponse> HashAsync(RequestContext context)
    {
        FieldReader fields = context.Fields;
        string algorithm = context.Match.Capture("urlalgorithm") ?? fields.Text("algorithm") ?? "sha2-256";
        byte[] utf8 = Encoding.UTF8.GetBytes(fields.Text("input") ?? "");
        if (!Base64.IsValid(utf8))
            throw RequestRefused.BadRequest("unable to decode input as base64");
        byte[] input = Convert.FromBase64String(Encoding.UTF8.GetString(utf8));
        byte[] sum = algorithm switch
        {
            "sha2-256" => SHA256.HashData(input),
            "sha2-384" => SHA384.HashData(input),
            "sha2-512" => SHA512.HashData(input),
            "sha3-256" when SHA3_256.IsSupported => SHA3_256.HashData(input),
            "sha3-384" when SHA3_384.IsSupported => SHA3_384.HashData(input),
            "sha3-512" when SHA3_512.IsSupported => SHA3_512.HashData(input),
            _ => throw RequestRefused.BadRequest("unsupported algorithm: use sha2-256, sha2-384, sha2-512, sha3-256, sha3-384 or sha3-512"),
        };
        string text = Encode(sum, fields.Text("format") ?? "hex");
        return ValueTask.FromResult(VaultResponse.Ok(JsonData.Object(w => w.WriteString("sum", text))));
    }

    private static string Encode(byte[] bytes, string format) => format switch
    {
        "hex" => Convert.ToHexStringLower(bytes),
        "base64" => Convert.ToBase64String(bytes),
        _ => throw RequestRefused.BadRequest("unsupported encoding format: use hex or base64"),
    };
}
