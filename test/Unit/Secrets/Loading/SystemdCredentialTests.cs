using System.Buffers.Binary;
using Candlefish.Secrets.Native;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Loading;

public sealed class SystemdCredentialTests : IDisposable
{
    private const string GoodKey = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly TemporarySecrets _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    [Requirement("LIB-30", "SM-LOAD-4002-R1", "SM-LOAD-4002-R2", "SM-LOAD-4002-R3", "SM-TEST-4002-T1", "EXP-POOL-3002-R3", "EXP-VRAM-5001-R3", "EXP-WORKER-6001-R3", "SM-INTEG-6003-R3")]
    public void Credential_gives_text_and_key()
    {
        _files.WriteCredential("api_token", "token-value\n");
        _files.WriteCredential("seal.key-1", GoodKey);
        using Secret secret = Secret.LoadFromSystemdCredential("api_token", _files.CredentialsDirectory);
        using SecretKey key = SecretKey.LoadFromSystemdCredential("seal.key-1", _files.CredentialsDirectory + "/");
        Assert.True(secret.Verify("token-value"));
        Assert.True(key.Verify(Convert.FromHexString(GoodKey)));
        Assert.True(SystemdCredential.Exists("api_token", _files.CredentialsDirectory));
        Assert.False(SystemdCredential.Exists("other", _files.CredentialsDirectory));
    }

    [Fact]
    [Requirement("LIB-36", "SM-LOAD-4002-R5")]
    public void World_readable_credential_is_refused()
    {
        _files.WriteCredential("api_token", "v", TemporarySecrets.OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        SecretException error = Fails("api_token");
        Assert.Equal(SecretErrorKind.PermissionsTooOpen, error.Kind);
        Assert.Equal(Convert.ToInt32("644", 8), error.Mode);
    }

    [Fact]
    [Requirement("LIB-36")]
    public void Group_readable_credential_without_access_list_is_refused()
    {
        _files.WriteCredential("api_token", "v", UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Equal(SecretErrorKind.PermissionsTooOpen, Fails("api_token").Kind);
    }

    [Fact]
    [Requirement("LIB-36")]
    public void Access_list_of_systemd_that_shows_0440_is_accepted_for_credentials_and_refused_for_files()
    {
        string path = _files.WriteCredential("api_token", "token-value");
        uint user = LibcFiles.EffectiveUser();
        SystemCalls.SetAttribute(path, "system.posix_acl_access", AccessList(user, groupPermissions: 0));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead, TemporarySecrets.ModeOf(path));
        using Secret secret = Secret.LoadFromSystemdCredential("api_token", _files.CredentialsDirectory);
        Assert.True(secret.Verify("token-value"));
        SecretException error = Assert.Throws<SecretException>(() => Secret.LoadFromFile(path));
        Assert.Equal(SecretErrorKind.PermissionsTooOpen, error.Kind);
    }

    [Fact]
    [Requirement("LIB-36")]
    public void Access_list_for_another_user_or_for_the_group_is_refused()
    {
        string path = _files.WriteCredential("api_token", "v");
        uint user = LibcFiles.EffectiveUser();
        SystemCalls.SetAttribute(path, "system.posix_acl_access", AccessList(user + 1, groupPermissions: 0));
        Assert.Equal(SecretErrorKind.PermissionsTooOpen, Fails("api_token").Kind);
        SystemCalls.SetAttribute(path, "system.posix_acl_access", AccessList(user, groupPermissions: 4));
        Assert.Equal(SecretErrorKind.PermissionsTooOpen, Fails("api_token").Kind);
    }

    [Theory]
    [InlineData("relative/path")]
    [InlineData("/run/../etc")]
    [InlineData("/run//x")]
    [Requirement("LIB-35", "SEC-SECRET-051")]
    public void Directory_that_is_not_plainly_absolute_is_refused(string directory)
    {
        SecretException error = Assert.Throws<SecretException>(
            () => Secret.LoadFromSystemdCredential("api_token", directory));
        Assert.Equal(SecretErrorKind.PathValidationFailed, error.Kind);
        Assert.Contains("absolute path", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("LIB-31", "LIB-37", "SM-LOAD-4002-R4", "SM-TEST-4002-T2")]
    public void Variable_that_is_not_set_means_no_credential()
    {
        Assert.SkipWhen(
            Environment.GetEnvironmentVariable(SystemdCredential.DirectoryVariable) is not null,
            "The test itself runs as a service with credentials.");
        SecretException error = Assert.Throws<SecretException>(() => Secret.LoadFromSystemdCredential("api_token"));
        Assert.Equal("systemd credential not found: CREDENTIALS_DIRECTORY not set", error.Message);
    }

    [Fact]
    [Requirement("LIB-32", "SM-TEST-4002-T3")]
    public void Missing_file_and_missing_directory_mean_no_credential()
    {
        Assert.Equal("systemd credential not found: credential not found: nonexistent", Fails("nonexistent").Message);
        SecretException error = Assert.Throws<SecretException>(
            () => Secret.LoadFromSystemdCredential("api_token", "/nonexistent/dir"));
        Assert.Equal(SecretErrorKind.SystemdCredentialNotFound, error.Kind);
    }

    [Theory]
    [InlineData("../etc/passwd")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [Requirement("LIB-33", "SEC-SECRET-050", "SEC-SECRET-052")]
    public void Name_with_a_separator_is_refused(string name)
    {
        Assert.Equal("path validation failed: credential name has a path separator", Fails(name).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("api@token")]
    [InlineData(".hidden")]
    [InlineData("..")]
    [InlineData("tökën")]
    [InlineData("a\nb")]
    [Requirement("LIB-34", "SEC-SECRET-050")]
    public void Empty_name_and_name_with_other_characters_are_refused(string name)
    {
        Assert.Equal(SecretErrorKind.PathValidationFailed, Fails(name).Kind);
    }

    [Fact]
    public void Name_of_255_characters_is_looked_up_and_of_256_is_refused()
    {
        Assert.Equal(SecretErrorKind.SystemdCredentialNotFound, Fails(new string('a', 255)).Kind);
        Assert.Equal(SecretErrorKind.PathValidationFailed, Fails(new string('a', 256)).Kind);
    }

    [Fact]
    public void Name_is_checked_before_the_directory()
    {
        SecretException error = Assert.Throws<SecretException>(
            () => Secret.LoadFromSystemdCredential("a/b", "relative"));
        Assert.Contains("separator", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("SEC-SECRET-052")]
    public void Linked_directory_and_linked_credential_are_refused()
    {
        _files.WriteCredential("api_token", "v");
        string link = _files.Link("linked", _files.CredentialsDirectory);
        SecretException directory = Assert.Throws<SecretException>(
            () => Secret.LoadFromSystemdCredential("api_token", link));
        Assert.Equal(SecretErrorKind.PathValidationFailed, directory.Kind);

        _files.Link("credentials/other", _files.PathOf("credentials/api_token"));
        Assert.Equal(SecretErrorKind.PathValidationFailed, Fails("other").Kind);
    }

    private SecretException Fails(string name) => Assert.Throws<SecretException>(
        () => Secret.LoadFromSystemdCredential(name, _files.CredentialsDirectory));

    /// <summary>What systemd sets: owner r, one named user r, owning group as given, mask r, others nothing.</summary>
    private static byte[] AccessList(uint user, ushort groupPermissions)
    {
        (ushort Tag, ushort Permissions, uint Id)[] entries =
        [
            (0x01, 4, uint.MaxValue),
            (0x02, 4, user),
            (0x04, groupPermissions, uint.MaxValue),
            (0x10, 4, uint.MaxValue),
            (0x20, 0, uint.MaxValue),
        ];
        byte[] list = new byte[4 + (8 * entries.Length)];
        BinaryPrimitives.WriteUInt32LittleEndian(list, 2);
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> at = list.AsSpan(4 + (8 * i));
            BinaryPrimitives.WriteUInt16LittleEndian(at, entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(at[2..], entries[i].Permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], entries[i].Id);
        }

        return list;
    }
}
