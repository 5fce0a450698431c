using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets;

/// <summary>Each of the seven kinds is reached through the public API, with its exact first words.</summary>
public sealed class SecretExceptionTests : IDisposable
{
    private readonly TemporarySecrets _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    [Requirement("LIB-3", "SM-TYPE-3003-R1", "SM-TYPE-3003-R3", "SEC-SECRET-002", "EXP-CROSS-7001-R1", "EXP-CROSS-7001-R2")]
    public void Every_kind_is_reachable_and_starts_with_its_words()
    {
        string open = _files.Write("open", "v", (UnixFileMode)Convert.ToInt32("644", 8));
        (SecretErrorKind Kind, string Words, Func<object> Call)[] cases =
        [
            (SecretErrorKind.FileNotFound, "secret file not found: /nonexistent", () => Secret.LoadFromFile("/nonexistent")),
            (SecretErrorKind.PermissionsTooOpen, $"file permissions too open: {open} (mode: 0644, expected 0600)", () => Secret.LoadFromFile(open)),
            (SecretErrorKind.InvalidFormat, "invalid secret format: empty file", () => Secret.LoadFromFile(_files.Write("empty", ""))),
            (SecretErrorKind.SystemdCredentialNotFound, "systemd credential not found: credential not found: x", () => Secret.LoadFromSystemdCredential("x", _files.Directory)),
            (SecretErrorKind.PathValidationFailed, "path validation failed: empty path", () => Secret.LoadFromFile("")),
            (SecretErrorKind.Io, $"I/O error: not a regular file: {_files.Directory}", () => Secret.LoadFromFile(_files.Directory)),
            (SecretErrorKind.KeyDerivation, "key derivation error: empty domain", () => SecretKey.DeriveFromToken("token", "")),
        ];
        foreach ((SecretErrorKind kind, string words, Func<object> call) in cases)
        {
            SecretException error = Assert.Throws<SecretException>(call);
            Assert.Equal(kind, error.Kind);
            Assert.Equal(words, error.Message);
        }

        Assert.Equal(Enum.GetValues<SecretErrorKind>().Length, cases.Length);
    }

    [Fact]
    public void Line_break_in_a_path_cannot_forge_a_line_of_a_log()
    {
        SecretException error = Assert.Throws<SecretException>(() => Secret.LoadFromFile("/nonexistent\n2026 forged: ok"));
        Assert.DoesNotContain('\n', error.Message);
    }
}
