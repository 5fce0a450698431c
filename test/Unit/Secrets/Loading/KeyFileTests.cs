using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Loading;

public sealed class KeyFileTests : IDisposable
{
    private const string GoodKey = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly TemporarySecrets _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(GoodKey)]
    [InlineData("0123456789ABCDEF0123456789ABCDEF0123456789abcdef0123456789AbCdEf")]
    [Requirement("LIB-12", "SM-LOAD-4001-R1", "SM-LOAD-4001-R6", "EXP-VRAM-5001-R1", "SM-INTEG-6003-R1")]
    public void Sixty_four_hex_digits_of_either_case_give_32_bytes(string content)
    {
        using SecretKey key = SecretKey.LoadFromFile(_files.Write("key", content));
        Assert.True(key.Verify(Convert.FromHexString(GoodKey)));
    }

    [Fact]
    [Requirement("LIB-13", "SM-LOAD-4001-R4")]
    public void Blanks_around_the_digits_are_dropped()
    {
        using SecretKey key = SecretKey.LoadFromFile(_files.Write("key", $" \t{GoodKey}\r\n"));
        Assert.True(key.Verify(Convert.FromHexString(GoodKey)));
    }

    [Fact]
    [Requirement("LIB-21", "SM-TEST-4001-T6")]
    public void Letters_beyond_f_are_invalid_hex()
    {
        Assert.Equal("invalid secret format: invalid hex", Fails(new string('Z', 64)).Message);
    }

    [Fact]
    public void Every_byte_that_is_no_hex_digit_is_refused_at_every_place()
    {
        for (int value = 0; value < 256; value++)
        {
            byte[] content = System.Text.Encoding.ASCII.GetBytes(GoodKey);
            content[value % 62 + 1] = (byte)value;
            string path = _files.Write("key", content);
            if (Uri.IsHexDigit((char)value))
            {
                using SecretKey key = SecretKey.LoadFromFile(path);
                Assert.True(key.Verify(Convert.FromHexString(System.Text.Encoding.ASCII.GetString(content))));
            }
            else
            {
                Assert.Throws<SecretException>(() => SecretKey.LoadFromFile(path));
            }
        }
    }

    [Theory]
    [InlineData("0123456789abcdef", 16)]
    [InlineData(GoodKey + "0", 65)]
    [InlineData("x", 1)]
    [Requirement("LIB-22", "SM-TEST-4001-T5")]
    public void Another_number_of_digits_is_refused(string content, int length)
    {
        Assert.Equal($"invalid secret format: expected 64 hex chars, got {length}", Fails(content).Message);
    }

    [Fact]
    [Requirement("LIB-14")]
    public void Blank_key_file_is_empty()
    {
        Assert.Equal("invalid secret format: empty file", Fails(" \n").Message);
    }

    [Fact]
    [Requirement("LIB-20")]
    public void Key_file_over_its_limit_is_too_large_even_when_it_is_mostly_blank()
    {
        Assert.Equal(
            "invalid secret format: file too large: 1025 bytes (max: 1024)",
            Fails(GoodKey.PadRight(1025)).Message);
        using SecretKey key = SecretKey.LoadFromFile(_files.Write("key", GoodKey.PadRight(1024)));
        Assert.True(key.Verify(Convert.FromHexString(GoodKey)));
    }

    [Fact]
    [Requirement("LIB-15", "SM-TEST-4001-T2")]
    public void World_readable_key_file_is_refused()
    {
        string path = _files.Write("key", GoodKey, TemporarySecrets.OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        SecretException error = Assert.Throws<SecretException>(() => SecretKey.LoadFromFile(path));
        Assert.Equal($"file permissions too open: {path} (mode: 0644, expected 0600)", error.Message);
    }

    [Fact]
    public void Missing_key_file_is_not_found()
    {
        SecretException error = Assert.Throws<SecretException>(() => SecretKey.LoadFromFile("/nonexistent"));
        Assert.Equal(SecretErrorKind.FileNotFound, error.Kind);
    }

    private SecretException Fails(string content)
    {
        string path = _files.Write("key", content);
        SecretException error = Assert.Throws<SecretException>(() => SecretKey.LoadFromFile(path));
        Assert.Equal(SecretErrorKind.InvalidFormat, error.Kind);
        return error;
    }
}
