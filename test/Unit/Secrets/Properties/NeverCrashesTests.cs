using System.Text;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Properties;

/// <summary>Whatever goes in, out comes the right answer or the one documented error.</summary>
[Requirement("LIB-48", "SEC-SECRET-001", "SEC-SECRET-003", "SEC-SECRET-004", "EXP-RELIABLE-8002-R1")]
public sealed class NeverCrashesTests : IDisposable
{
    private readonly TemporarySecrets _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Derivation_gives_a_key_or_says_what_is_empty() => PropertyRun.Holds("derive", input =>
    {
        byte[] token = input[..(input.Length / 2)];
        string domain = Encoding.Latin1.GetString(input[(input.Length / 2)..]);
        try
        {
            using SecretKey first = SecretKey.DeriveFromToken(token, domain);
            using SecretKey second = SecretKey.DeriveFromToken(token, domain);
            Assert.True(first.Use(second, static (bytes, other) => other.Verify(bytes)));
            Assert.True(token.Length > 0 && domain.Length > 0);
        }
        catch (SecretException error)
        {
            Assert.Equal(token.Length == 0 ? SecretErrorKind.InvalidFormat : SecretErrorKind.KeyDerivation, error.Kind);
        }
    });

    [Fact]
    public void Loading_gives_the_trimmed_text_or_key_or_says_what_is_wrong_with_the_format() => PropertyRun.Holds("load", input =>
    {
        string path = _files.Write("input", input);
        try
        {
            using Secret secret = Secret.LoadFromFile(path);
            Assert.True(secret.Verify(input.AsSpan().Trim(" \t\n\v\f\r"u8)));
        }
        catch (SecretException error)
        {
            Assert.Equal(SecretErrorKind.InvalidFormat, error.Kind);
        }

        try
        {
            using SecretKey key = SecretKey.LoadFromFile(path);
            Assert.True(key.Verify(Convert.FromHexString(Encoding.ASCII.GetString(input).Trim())));
        }
        catch (SecretException error)
        {
            Assert.Equal(SecretErrorKind.InvalidFormat, error.Kind);
        }
    });

    [Fact]
    public void Verification_agrees_with_plain_comparison() => PropertyRun.Holds("verify", input =>
    {
        byte[] left = input[..(input.Length / 2)];
        byte[] right = input[(input.Length / 2)..];
        using SecretBuffer buffer = SecretBuffer.CopyOf(left);
        Assert.Equal(left.AsSpan().SequenceEqual(right), buffer.Verify(right));
        Assert.True(buffer.Verify(left));
        string text = Encoding.UTF8.GetString(left);
        if (text.Length > 0)
        {
            using Secret secret = Secret.FromText(text);
            Assert.True(secret.Verify(text));
            Assert.Equal(text == Encoding.UTF8.GetString(right), secret.Verify(Encoding.UTF8.GetString(right)));
            Assert.False(secret.Verify(text + "\ud800"));
        }
    });

    [Fact]
    public void Path_functions_answer_inside_the_root_or_refuse() => PropertyRun.Holds("path", input =>
    {
        string path = Encoding.Latin1.GetString(input);
        try
        {
            string canonical = SafePath.ValidatePathWithinRoot(path, _files.Directory);
            Assert.True(canonical == _files.Directory || canonical.StartsWith(_files.Directory + "/", StringComparison.Ordinal));
        }
        catch (SecretException error)
        {
            Refused(error);
        }

        try
        {
            using Secret secret = Secret.LoadFromFile(path, new SecretFileOptions { AllowedRoot = _files.Directory });
            Assert.Fail("The root is empty: nothing can be loaded from it.");
        }
        catch (SecretException error)
        {
            Refused(error);
        }

        try
        {
            Secret.LoadFromSystemdCredential(path, _files.Directory).Dispose();
        }
        catch (SecretException error)
        {
            Refused(error);
        }

        static void Refused(SecretException error) => Assert.Contains(
            error.Kind,
            new[]
            {
                SecretErrorKind.PathValidationFailed, SecretErrorKind.FileNotFound, SecretErrorKind.Io,
                SecretErrorKind.SystemdCredentialNotFound,
            });
    });
}
