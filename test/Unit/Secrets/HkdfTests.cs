using System.Text;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets;

public sealed class HkdfTests
{
    [Theory]
    [InlineData("test-worker-token", "llorch-seal-key-v1", "29d9a864c557fed0fc3137256d1364035d879976d78f9e0f98f66879782fe27a")]
    [InlineData("test-worker-token", "llorch-seal-key-v2", "5b2b6285ce14ad8a71e6922c91d3892f7786ed15117cca1d73ed2f87b91ca2a7")]
    [InlineData("test-worker-token", "llorch-encryption-v1", "a677526ec0704b83388c2cb72cd4a3fdcb83374c3b753b2e89a10bf18321d952")]
    [InlineData("test-token", "test-domain", "379357e9e9214cd7c1d527b5385dbc1f54c41a67b054e93c8ac614c09584b7e5")]
    [InlineData("test-token", "domain-v1", "d1b43600d9bfc4714f898536b716cebac7bfad3f746f1d2d3176d28a52b958ec")]
    [InlineData("test-token", "domain-v2", "123b0349f42a4bd3e492f7bddf1bccbc8ff7dbc493583702c753720b6c2b6135")]
    [InlineData("a", "b", "9e8fbf2d46c52ccc7f7cf433f31d8cf3cf39faaf91198e9f4607a072f3fc54c4")]
    [InlineData("pässwörd-токен", "candlefish-seal-key-v1", "243d67c8f1adfc4375ae30d1b8b87c87f84600c8eecdcdb4defb24ac1ed930da")]
    [Requirement("LIB-24", "LIB-25", "EXP-CROSS-7003-R2")]
    public void Golden_vectors_hold(string token, string domain, string expected)
    {
        byte[] output = new byte[32];
        Hkdf.Derive(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(domain), output);
        Assert.Equal(expected, Convert.ToHexStringLower(output));
    }

    [Fact]
    public void Token_of_a_thousand_bytes_gives_the_golden_key()
    {
        byte[] output = new byte[32];
        Hkdf.Derive(Encoding.UTF8.GetBytes(new string('x', 1000)), "candlefish-seal-key-v1"u8, output);
        Assert.Equal("40dbb1b4b50075c00e2246573387ec7b265a64e3d391c55fbaca351217f70e42", Convert.ToHexStringLower(output));
    }

    [Fact]
    public void Rfc_5869_test_1_holds_in_an_array_and_in_a_buffer()
    {
        byte[] keyMaterial = new byte[22];
        Array.Fill(keyMaterial, (byte)0x0b);
        byte[] salt = Convert.FromHexString("000102030405060708090a0b0c");
        byte[] info = Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9");
        byte[] expected = Convert.FromHexString(
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
        byte[] output = new byte[42];
        Hkdf.Derive(keyMaterial, info, output, salt);
        Assert.Equal(expected, output);
        using SecretBuffer buffer = Hkdf.Derive(keyMaterial, info, 42, salt);
        Assert.True(buffer.Verify(expected));
    }

    [Fact]
    public void Empty_token_is_an_invalid_format_and_empty_domain_a_derivation_error()
    {
        SecretException token = Assert.Throws<SecretException>(() => Hkdf.Derive([], "domain"u8, new byte[32]));
        Assert.Equal("invalid secret format: empty token", token.Message);
        SecretException domain = Assert.Throws<SecretException>(() => Hkdf.Derive("token"u8, [], new byte[32]));
        Assert.Equal("key derivation error: empty domain", domain.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8161)]
    public void Output_length_out_of_range_is_a_derivation_error(int length)
    {
        SecretException span = Assert.Throws<SecretException>(() => Hkdf.Derive("t"u8, "d"u8, new byte[length]));
        SecretException buffer = Assert.Throws<SecretException>(() => Hkdf.Derive("t"u8, "d"u8, length));
        Assert.Equal(SecretErrorKind.KeyDerivation, span.Kind);
        Assert.Equal(SecretErrorKind.KeyDerivation, buffer.Kind);
    }

    [Fact]
    public void Longest_output_works()
    {
        using SecretBuffer buffer = Hkdf.Derive("t"u8, "d"u8, Hkdf.MaxOutputBytes);
        Assert.Equal(8160, buffer.Length);
    }
}
