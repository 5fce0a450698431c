using System.Text;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Loading;

public sealed class TextFileTests : IDisposable
{
    private readonly TemporarySecrets _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    [Requirement("LIB-11", "SM-LOAD-4004-R1", "SM-TEST-4001-T1", "SM-TEST-4004-T1", "EXP-ORCH-2002-R1", "EXP-POOL-3002-R1", "EXP-POOL-3002-R2", "EXP-WORKER-6001-R2")]
    public void Private_file_gives_its_text()
    {
        using Secret secret = Secret.LoadFromFile(_files.Write("token", "test-secret"));
        Assert.True(secret.Verify("test-secret"));
    }

    [Theory]
    [InlineData("  test-secret  \n", "test-secret")]
    [InlineData("\t\r\n\v\f inner  blanks\tstay \r\n", "inner  blanks\tstay")]
    [InlineData("\u00a0unicode blanks stay\u00a0", "\u00a0unicode blanks stay\u00a0")]
    [Requirement("LIB-13", "SM-LOAD-4004-R3", "SM-TEST-4004-T4", "EXP-ORCH-2002-R4")]
    public void Ascii_blanks_at_both_ends_are_dropped(string content, string expected)
    {
        using Secret secret = Secret.LoadFromFile(_files.Write("token", content));
        Assert.True(secret.Verify(expected));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t ")]
    [Requirement("LIB-14", "SM-LOAD-4004-R4", "SM-TEST-4001-T4", "SM-TEST-4004-T3", "SM-LOAD-4001-R5")]
    public void Empty_or_blank_file_is_an_invalid_format(string content)
    {
        SecretException error = Fails(_files.Write("token", content));
        Assert.Equal("invalid secret format: empty file", error.Message);
    }

    [Theory]
    [InlineData(new byte[] { 0x61, 0xFF, 0x62 })]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 0x61 })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    public void Text_that_is_no_utf8_or_has_a_byte_order_mark_is_refused(byte[] content)
    {
        SecretException error = Fails(_files.Write("token", content));
        Assert.Equal("invalid secret format: not valid UTF-8", error.Message);
    }

    [Fact]
    [Requirement("LIB-19")]
    public void File_of_one_byte_over_one_mebibyte_is_too_large_and_of_exactly_that_is_loaded()
    {
        string path = _files.Write("token", Enumerable.Repeat((byte)'x', 1_048_577).ToArray());
        SecretException error = Fails(path);
        Assert.Equal("invalid secret format: file too large: 1048577 bytes (max: 1048576)", error.Message);

        byte[] largest = Enumerable.Repeat((byte)'x', 1_048_576).ToArray();
        using Secret secret = Secret.LoadFromFile(_files.Write("token", largest));
        Assert.True(secret.Verify(largest));
    }

    [Fact]
    [Requirement("LIB-23", "EXP-CROSS-7001-R2", "EXP-CROSS-7001-R3")]
    public void Missing_file_is_not_found_and_the_message_names_the_path()
    {
        SecretException error = Fails("/nonexistent");
        Assert.Equal(SecretErrorKind.FileNotFound, error.Kind);
        Assert.Equal("secret file not found: /nonexistent", error.Message);
        Assert.Equal("/nonexistent", error.Path);
        Assert.Equal(SecretErrorKind.FileNotFound, Fails(_files.Write("token", "x") + "/below").Kind);
    }

    [Fact]
    public void Directory_and_pipe_are_no_secret_files()
    {
        Assert.Equal(SecretErrorKind.Io, Fails(_files.Directory).Kind);
        Assert.Equal(SecretErrorKind.Io, Fails("/dev/null").Kind);
        string pipe = _files.PathOf("pipe");
        SystemCalls.MakePipe(pipe);
        Assert.Equal(SecretErrorKind.Io, Fails(pipe).Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [Requirement("SEC-SECRET-024")]
    public void Empty_path_and_path_with_nul_are_refused_before_anything_is_opened(string path)
    {
        Assert.Equal(SecretErrorKind.PathValidationFailed, Fails(path).Kind);
    }

    [Fact]
    public void Too_open_and_too_large_reports_the_mode_first()
    {
        string path = _files.Write("token", new byte[2_000_000], TemporarySecrets.OwnerOnly | UnixFileMode.OtherRead);
        Assert.Equal(SecretErrorKind.PermissionsTooOpen, Fails(path).Kind);
    }

    [Fact]
    public void File_that_states_no_size_is_read_to_its_end()
    {
        // A file of /proc with mode 0400 that says size 0: the reader must not believe it.
        const string Path = "/proc/self/environ";
        byte[] content = File.ReadAllBytes(Path);
        Assert.SkipWhen(content.Length == 0, "This process has no environment.");
        using Secret secret = Secret.LoadFromFile(Path);
        Assert.True(secret.Verify(content));
    }

    [Fact]
    [Requirement("EXP-AUTH-4002-R1", "EXP-AUTH-4002-R2")]
    public void Existence_can_be_asked_and_a_minimum_length_demanded()
    {
        string path = _files.Write("token", "short");
        Assert.True(SecretFile.Exists(path));
        Assert.False(SecretFile.Exists(path + "x"));
        var options = new SecretFileOptions { MinBytes = 16 };
        SecretException error = Assert.Throws<SecretException>(() => Secret.LoadFromFile(path, options));
        Assert.Equal("invalid secret format: too short: 5 bytes (min: 16)", error.Message);
    }

    [Fact]
    public void Saved_file_has_mode_0600_replaces_the_old_one_and_loads_again()
    {
        string path = _files.PathOf("saved");
        SecretFile.Save(path, "first"u8);
        SecretFile.Save(path, Encoding.UTF8.GetBytes("second"));
        Assert.Equal(TemporarySecrets.OwnerOnly, TemporarySecrets.ModeOf(path));
        using Secret secret = Secret.LoadFromFile(path);
        Assert.True(secret.Verify("second"));
        Assert.Single(Directory.GetFiles(_files.Directory));
        SecretException error = Assert.Throws<SecretException>(() => SecretFile.Save("/nonexistent/x", "v"u8));
        Assert.Equal(SecretErrorKind.Io, error.Kind);
    }

    private static SecretException Fails(string path) => Assert.Throws<SecretException>(() => Secret.LoadFromFile(path));
}
