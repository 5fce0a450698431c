using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Loading;

public sealed class PermissionTests : IDisposable
{
    private readonly TemporarySecrets _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("0600")]
    [InlineData("0400")]
    [InlineData("0700")]
    [Requirement("LIB-17", "SM-SEC-5004-R4", "SEC-SECRET-022")]
    public void Owner_only_modes_are_accepted(string mode)
    {
        using Secret secret = Secret.LoadFromFile(Write(mode));
        Assert.True(secret.Verify("value"));
    }

    [Theory]
    [InlineData("0644")]
    [InlineData("0604")]
    [InlineData("0602")]
    [InlineData("0601")]
    [InlineData("0777")]
    [Requirement("LIB-15", "LIB-17", "SM-SEC-5004-R1", "SM-SEC-5004-R2", "SM-TEST-4001-T2", "SM-TEST-4004-T2", "SM-LOAD-4004-R2", "SEC-SECRET-021", "SEC-FILE-PERM", "EXP-ORCH-2002-R3", "EXP-POOL-3002-R4")]
    public void Any_bit_for_others_is_refused_and_named(string mode) => Refuses(mode);

    [Theory]
    [InlineData("0640")]
    [InlineData("0620")]
    [InlineData("0610")]
    [InlineData("0660")]
    [Requirement("LIB-16", "LIB-17", "SM-SEC-5004-R3", "SM-LOAD-4001-R3", "SM-TEST-4001-T3", "EXP-VRAM-5001-R7", "EXP-SECURITY-8003-R4")]
    public void Any_bit_for_the_group_is_refused_and_named(string mode) => Refuses(mode);

    [Fact]
    public void File_of_another_user_is_refused()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give a file away.");
        string path = Write("0600");
        SystemCalls.ChangeOwner(path, 12345);
        SecretException error = Assert.Throws<SecretException>(() => Secret.LoadFromFile(path));
        Assert.Equal(SecretErrorKind.PermissionsTooOpen, error.Kind);
        Assert.Contains("12345", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Safe_parents_are_demanded_on_request()
    {
        var options = new SecretFileOptions { RequireSafeParents = true };
        string path = _files.Write("open/token", "value");
        using (Secret secret = Secret.LoadFromFile(path, options))
        {
            Assert.True(secret.Verify("value"));
        }

        TemporarySecrets.SetMode(_files.PathOf("open"), (UnixFileMode)0x1FF);
        SecretException error = Assert.Throws<SecretException>(() => Secret.LoadFromFile(path, options));
        Assert.Equal(SecretErrorKind.PermissionsTooOpen, error.Kind);
        Assert.Equal(_files.PathOf("open"), error.Path);
    }

    private string Write(string mode) =>
        _files.Write("token", "value", (UnixFileMode)Convert.ToInt32(mode, 8));

    private void Refuses(string mode)
    {
        string path = Write(mode);
        SecretException error = Assert.Throws<SecretException>(() => Secret.LoadFromFile(path));
        Assert.Equal(SecretErrorKind.PermissionsTooOpen, error.Kind);
        Assert.Equal($"file permissions too open: {path} (mode: {mode}, expected 0600)", error.Message);
        Assert.Equal(Convert.ToInt32(mode, 8), error.Mode);
        Assert.Equal(path, error.Path);
    }
}
