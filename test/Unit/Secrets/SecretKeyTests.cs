using System.Security.Cryptography;
using System.Text;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets;

public sealed class SecretKeyTests
{
    private const string Token = "test-worker-token";
    private const string Domain = "llorch-seal-key-v1";

    [Fact]
    [Requirement("LIB-2", "SM-TYPE-3001-R1")]
    public void Key_takes_exactly_32_bytes()
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(32);
        using SecretKey key = SecretKey.FromBytes(bytes);
        Assert.True(key.Verify(bytes));
        foreach (int length in new[] { 0, 31, 33 })
        {
            SecretException error = Assert.Throws<SecretException>(() => SecretKey.FromBytes(new byte[length]));
            Assert.Equal($"invalid secret format: expected 32 bytes, got {length}", error.Message);
        }
    }

    [Fact]
    [Requirement("SM-SEC-5001-R1", "SM-TEST-3001-T2")]
    public void Disposed_key_refuses_every_access()
    {
        SecretKey key = SecretKey.Generate();
        key.Dispose();
        key.Dispose();
        Assert.True(key.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => key.Verify(new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => key.Use(0, static (_, _) => { }));
        Assert.Throws<ObjectDisposedException>(() => key.Use(0, static (_, _) => 0));
    }

    [Fact]
    [Requirement("LIB-24", "LIB-25", "SM-LOAD-4003-R1", "SM-LOAD-4003-R2", "SM-LOAD-4003-R3", "SM-LOAD-4003-R4", "SM-TEST-4003-T3", "SEC-SECRET-040", "SEC-SECRET-042", "EXP-VRAM-5001-R2", "SM-INTEG-6003-R2")]
    public void Token_and_domain_give_the_golden_key_of_32_bytes()
    {
        using SecretKey key = SecretKey.DeriveFromToken(Token, Domain);
        Assert.True(key.Verify(Convert.FromHexString("29d9a864c557fed0fc3137256d1364035d879976d78f9e0f98f66879782fe27a")));
        Assert.Equal(32, key.Use(0, static (bytes, _) => bytes.Length));
    }

    [Fact]
    [Requirement("LIB-26", "SM-LOAD-4003-R5", "SM-TEST-4003-T1", "SEC-SECRET-043")]
    public void Same_inputs_give_the_same_key_in_every_form()
    {
        using Secret held = Secret.FromText(Token);
        using SecretKey first = SecretKey.DeriveFromToken(Token, Domain);
        using SecretKey second = SecretKey.DeriveFromToken(held, Domain);
        using SecretKey third = SecretKey.DeriveFromToken(Encoding.UTF8.GetBytes(Token), Domain);
        Assert.True(Same(first, second));
        Assert.True(Same(first, third));
    }

    [Fact]
    [Requirement("LIB-27", "SM-TEST-4003-T2", "SEC-SECRET-041", "SEC-SECRET-044")]
    public void Different_domains_give_different_keys()
    {
        using SecretKey first = SecretKey.DeriveFromToken(Token, Domain);
        using SecretKey second = SecretKey.DeriveFromToken(Token, "llorch-seal-key-v2");
        Assert.False(Same(first, second));
    }

    [Fact]
    [Requirement("LIB-28", "SM-TEST-4003-T4")]
    public void Empty_token_is_an_invalid_format()
    {
        SecretException text = Assert.Throws<SecretException>(() => SecretKey.DeriveFromToken("", Domain));
        SecretException bytes = Assert.Throws<SecretException>(() => SecretKey.DeriveFromToken([], Domain));
        Assert.Equal("invalid secret format: empty token", text.Message);
        Assert.Equal("invalid secret format: empty token", bytes.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [Requirement("LIB-29", "SEC-SECRET-041")]
    public void Empty_or_missing_domain_is_a_derivation_error(string? domain)
    {
        SecretException error = Assert.Throws<SecretException>(() => SecretKey.DeriveFromToken(Token, domain!));
        Assert.Equal("key derivation error: empty domain", error.Message);
    }

    [Fact]
    [Requirement("ARC-14", "EXP-VRAM-5001-R4", "SM-INTEG-6003-R4", "SM-TYPE-3001-R4")]
    public void Derived_key_signs_the_seal_message()
    {
        using SecretKey key = SecretKey.DeriveFromToken(Token, Domain);
        byte[] mac = new byte[32];
        key.Use(mac, static (bytes, into) => HMACSHA256.HashData(
            bytes, "shard-0001|327f0364a3abb0b5e642a5bd5eefa7412b2124eaf282612b3ba85baeb5817c30|1757030400|0"u8, into));
        Assert.Equal("ad74614f4f0a2dc45bdb880dd9320410332fc3bd96cb4bbd4982cefb9479ed20", Convert.ToHexStringLower(mac));
    }

    [Fact]
    public void Generated_keys_differ()
    {
        using SecretKey first = SecretKey.Generate();
        using SecretKey second = SecretKey.Generate();
        Assert.False(Same(first, second));
    }

    private static bool Same(SecretKey left, SecretKey right) => left.Use(right, static (bytes, other) => other.Verify(bytes));
}
