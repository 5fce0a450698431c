using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands;

/// <summary>Random values from the system's generator. Every character is drawn evenly.</summary>
internal static class GeneratedValue
{
    internal const int DefaultLength = 32;
    internal const int MinimumLength = 16;

    private static readonly string[] StrongClasses =
        ["ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789", "!@#$%^&*"];

    /// <summary>Reads <c>key[:length[:charset]]</c> and makes the value.</summary>
    internal static (string Key, string Value) FromRule(string rule)
    {
        var parts = rule.Split(':', 3);
        var length = DefaultLength;
        if (parts[0].Length == 0 || (parts.Length > 1 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out length)))
        {
            throw CliError.Usage("--generate is malformed", "it is key[:length[:charset]]", "--generate password:32");
        }

        return (parts[0], Password(length, parts.Length > 2 ? parts[2] : "strong"));
    }

    /// <summary>A password; the <c>strong</c> set has at least one character of each of its four classes.</summary>
    internal static string Password(int length, string charset)
    {
        if (length is < MinimumLength or > 4096)
        {
            throw CliError.Usage($"a length of {length} is not allowed", $"it is {MinimumLength} to 4096 characters", $"--length {DefaultLength}");
        }

        return charset switch
        {
            "strong" => Strong(length),
            "alnum" => RandomNumberGenerator.GetString(string.Concat(StrongClasses.Take(3)), length),
            "hex" => RandomNumberGenerator.GetHexString(length, lowercase: true),
            "base64url" => RandomNumberGenerator.GetString(string.Concat(StrongClasses.Take(3)) + "-_", length),
            _ => throw CliError.Usage(
                $"unknown charset \"{charset}\"",
                Suggestion.Nearest(charset, ["strong", "alnum", "hex", "base64url"]) is { } nearest ? $"did you mean \"{nearest}\"?" : "it is not in the list",
                "use strong, alnum, hex or base64url"),
        };
    }

    /// <summary>Key material of whole bytes, as base64.</summary>
    internal static string Key(int bits) => Convert.ToBase64String(Bytes(bits));

    /// <summary>Key material of whole bytes, as lower-case hex.</summary>
    internal static string Hex(int bits) => Convert.ToHexStringLower(Bytes(bits));

    /// <summary>Key material of whole bytes, as base64url without padding.</summary>
    internal static string Token(int bits) => Base64Url.EncodeToString(Bytes(bits));

    private static byte[] Bytes(int bits) => bits is >= 128 and <= 8192 && bits % 8 == 0
        ? RandomNumberGenerator.GetBytes(bits / 8)
        : throw CliError.Usage($"{bits} bits are not allowed", "it is a multiple of 8 from 128 to 8192", "--bits 256");

    private static string Strong(int length)
    {
        var all = string.Concat(StrongClasses);
        while (true)
        {
            // Drawing again until every class occurs keeps the distribution even over the accepted values.
            var value = RandomNumberGenerator.GetString(all, length);
            if (StrongClasses.All(c => value.AsSpan().ContainsAny(c)))
            {
                return value;
            }
        }
    }
}
