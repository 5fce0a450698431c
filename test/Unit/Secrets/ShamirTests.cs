using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets;

public sealed class ShamirTests
{
    [Fact]
    public void Field_arithmetic_matches_the_vectors()
    {
        JsonNode vectors = Vectors();
        foreach (JsonNode? check in vectors["field_checks"]!["mult"]!.AsArray())
        {
            Assert.Equal((byte)(int)check![2]!, Shamir.Multiply((byte)(int)check[0]!, (byte)(int)check[1]!));
        }

        foreach (JsonNode? check in vectors["field_checks"]!["div"]!.AsArray())
        {
            byte inverse = Shamir.Invert((byte)(int)check![1]!);
            Assert.Equal((byte)(int)check[2]!, Shamir.Multiply((byte)(int)check[0]!, inverse));
        }
    }

    [Fact]
    public void Inverse_times_value_is_one_for_every_nonzero_value()
    {
        for (int value = 1; value <= 255; value++)
        {
            Assert.Equal(1, Shamir.Multiply((byte)value, Shamir.Invert((byte)value)));
        }
    }

    [Fact]
    public void Split_with_known_choices_gives_the_shares_of_the_vectors()
    {
        int compared = 0;
        foreach (JsonNode? vector in Vectors()["vectors"]!.AsArray())
        {
            if (vector!["coefficients_hex"] is not JsonArray rows)
            {
                continue;
            }

            compared++;
            byte[] secret = Bytes(vector["secret_hex"]);
            byte[][] shares = Shares(vector["shares_hex"]);
            byte[] coordinates = [.. shares.Select(share => share[^1])];
            byte[] coefficients = [.. rows.SelectMany(row => Bytes(row)[1..])];
            byte[][] made = Shamir.Split(secret, coordinates, coefficients, (int)vector["threshold"]!);
            Assert.Equal(shares, made);
            string[] texts = [.. vector["shares_base64"]!.AsArray().Select(text => (string)text!)];
            Assert.Equal(texts, made.Take(texts.Length).Select(Convert.ToBase64String));
        }

        Assert.True(compared >= 4, $"Only {compared} vectors carry coefficients.");
    }

    [Fact]
    public void Combine_gives_the_secret_from_any_threshold_of_shares_and_not_from_fewer()
    {
        foreach (JsonNode? vector in Vectors()["vectors"]!.AsArray())
        {
            byte[] secret = Bytes(vector!["secret_hex"]);
            byte[][] shares = Shares(vector["shares_hex"]);
            int threshold = (int)vector["threshold"]!;
            Assert.Equal(secret, Shamir.Combine(shares));
            Assert.Equal(secret, Shamir.Combine([.. shares.TakeLast(threshold)]));
            if (vector["below_threshold_combine_gives_hex"] is JsonNode wrong && threshold > 2)
            {
                Assert.Equal(Bytes(wrong), Shamir.Combine([.. shares.Take(threshold - 1)]));
            }
        }
    }

    [Fact]
    public void Negative_vectors_are_refused()
    {
        foreach (JsonNode? vector in Vectors()["negative"]!.AsArray())
        {
            if (vector!["split"] is JsonNode split)
            {
                byte[] secret = vector["secret_hex"] is JsonNode hex ? Bytes(hex) : [1, 2, 3];
                Assert.ThrowsAny<ArgumentException>(() => Shamir.Split(secret, (int)split[0]!, (int)split[1]!));
            }
            else
            {
                Assert.ThrowsAny<ArgumentException>(() => Shamir.Combine(Shares(vector["shares_hex"])));
            }
        }
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(5, 3)]
    [InlineData(10, 7)]
    [InlineData(255, 2)]
    [InlineData(255, 255)]
    public void Split_then_combine_gives_the_secret_back(int parts, int threshold)
    {
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        byte[][] shares = Shamir.Split(secret, parts, threshold);
        Assert.Equal(parts, shares.Select(share => share[^1]).Distinct().Count());
        Assert.All(shares, share => Assert.NotEqual(0, share[^1]));
        byte[][] chosen = [.. shares.OrderBy(_ => RandomNumberGenerator.GetInt32(1000)).Take(threshold)];
        Assert.Equal(secret, Shamir.Combine(chosen));
    }

    [Fact]
    public void Destination_of_another_length_is_refused()
    {
        byte[][] shares = Shamir.Split([1, 2, 3], 2, 2);
        Assert.Throws<ArgumentException>(() => Shamir.Combine(shares, new byte[4]));
    }

    private static JsonNode Vectors()
    {
        Assert.SkipUnless(SharedData.TryFind("shamir/vectors.json", out string path), SharedData.SkipReason);
        return JsonNode.Parse(File.ReadAllText(path))!;
    }

    private static byte[] Bytes(JsonNode? hex) => Convert.FromHexString((string)hex!);

    private static byte[][] Shares(JsonNode? list) => [.. list!.AsArray().Select(Bytes)];
}
