using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Loading;

public sealed class PathTests : IDisposable
{
    private readonly TemporarySecrets _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    [Requirement("LIB-39", "SM-SEC-5005-R1", "SM-SEC-5005-R2", "SM-LOAD-4001-R7", "SEC-SECRET-023")]
    public void Canonical_path_has_no_links_and_no_dots()
    {
        string real = _files.Write("a/b/token", "v");
        string link = _files.Link("link", _files.PathOf("a/b"));
        Assert.Equal(real, SafePath.CanonicalizePath(link + "/../b/./token"));
        Assert.Equal(real, SafePath.CanonicalizePath(link + "//token"));
    }

    [Fact]
    [Requirement("LIB-39")]
    public void Canonical_path_of_nothing_is_not_found()
    {
        SecretException error = Assert.Throws<SecretException>(() => SafePath.CanonicalizePath("/nonexistent"));
        Assert.Equal("secret file not found: /nonexistent", error.Message);
    }

    [Fact]
    public void Loop_of_links_and_bad_text_fail_path_validation()
    {
        _files.Link("a", _files.PathOf("b"));
        _files.Link("b", _files.PathOf("a"));
        foreach (string path in new[] { _files.PathOf("a"), "", "a\0" })
        {
            SecretException error = Assert.Throws<SecretException>(() => SafePath.CanonicalizePath(path));
            Assert.Equal(SecretErrorKind.PathValidationFailed, error.Kind);
        }
    }

    [Fact]
    [Requirement("LIB-40", "SM-SEC-5005-R3", "SM-TEST-5005-T3")]
    public void Path_within_the_root_is_answered_in_canonical_form()
    {
        string real = _files.Write("root/a/token", "v");
        string root = _files.PathOf("root");
        Assert.Equal(real, SafePath.ValidatePathWithinRoot(real, root));
        Assert.Equal(real, SafePath.ValidatePathWithinRoot("a/token", root + "/"));
        Assert.Equal(root, SafePath.ValidatePathWithinRoot(root, root));
        Assert.Equal(real, SafePath.ValidatePathWithinRoot(real, "/"));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../../etc/passwd")]
    [InlineData("../../../../../../../../nonexistent")]
    [InlineData("../root-evil/token")]
    [Requirement("LIB-40", "LIB-42", "SM-SEC-5005-R4", "SM-TEST-5005-T1", "EXP-SECURITY-8003-R5", "SEC-VULN-9", "SEC-VULN-18")]
    public void Path_outside_the_root_is_refused(string path)
    {
        _files.Write("root/token", "v");
        _files.Write("root-evil/token", "v");
        SecretException error = Assert.Throws<SecretException>(
            () => SafePath.ValidatePathWithinRoot(path, _files.PathOf("root")));
        Assert.Equal(SecretErrorKind.PathValidationFailed, error.Kind);
    }

    [Fact]
    [Requirement("LIB-40")]
    public void Sibling_with_the_same_prefix_is_outside()
    {
        string sibling = _files.Write("root-evil/token", "v");
        _files.Write("root/token", "v");
        SecretException error = Assert.Throws<SecretException>(
            () => SafePath.ValidatePathWithinRoot(sibling, _files.PathOf("root")));
        Assert.Equal(SecretErrorKind.PathValidationFailed, error.Kind);
    }

    [Fact]
    [Requirement("LIB-41", "SM-TEST-5005-T2")]
    public void Link_out_of_the_root_is_refused_by_path_check_and_loader()
    {
        _files.Write("outside", "stolen");
        Directory.CreateDirectory(_files.PathOf("root"));
        foreach (string target in new[] { "/etc/passwd", "../outside", _files.PathOf("outside") })
        {
            string link = _files.Link("root/link", target);
            Refuses(() => SafePath.ValidatePathWithinRoot(link, _files.PathOf("root")));
            Refuses(() => Secret.LoadFromFile(link, InRoot()));
            Refuses(() => Secret.LoadFromFile("link", InRoot()));
            File.Delete(link);
        }

        string directory = _files.Link("root/dir", _files.Directory);
        Refuses(() => Secret.LoadFromFile(directory + "/outside", InRoot()));
    }

    [Fact]
    [Requirement("SEC-SECRET-023", "SM-SEC-5005-R2")]
    public void Links_and_dots_inside_the_root_are_followed()
    {
        string real = _files.Write("root/a/token", "value");
        _files.Link("root/absolute", real);
        _files.Link("root/relative", "a/token");
        _files.Link("root/dir", _files.PathOf("root/a"));
        foreach (string path in new[] { real, "a/token", "absolute", "relative", "dir/token", "a/../a/token", "./a//token" })
        {
            using Secret secret = Secret.LoadFromFile(path, InRoot());
            Assert.True(secret.Verify("value"), path);
        }
    }

    [Fact]
    public void Missing_file_below_the_root_is_not_found_and_outside_is_not_told()
    {
        Directory.CreateDirectory(_files.PathOf("root"));
        SecretException missing = Assert.Throws<SecretException>(() => Secret.LoadFromFile("nothing", InRoot()));
        Assert.Equal(SecretErrorKind.FileNotFound, missing.Kind);
        Refuses(() => Secret.LoadFromFile("../nothing", InRoot()));
        Refuses(() => Secret.LoadFromFile(_files.PathOf("nothing"), InRoot()));
    }

    [Fact]
    [Requirement("LIB-42", "SM-TEST-4001-T7", "SEC-SECRET-024")]
    public void Without_root_links_and_parent_segments_are_refused_unless_links_are_allowed()
    {
        string real = _files.Write("token", "value");
        string link = _files.Link("link", real);
        Refuses(() => Secret.LoadFromFile(link));
        Refuses(() => Secret.LoadFromFile(_files.PathOf("x/../token")));
        Refuses(() => Secret.LoadFromFile("../../../etc/passwd"));
        using Secret secret = Secret.LoadFromFile(link, new SecretFileOptions { AllowSymlinks = true });
        Assert.True(secret.Verify("value"));

        TemporarySecrets.SetMode(real, (UnixFileMode)Convert.ToInt32("644", 8));
        SecretException error = Assert.Throws<SecretException>(
            () => Secret.LoadFromFile(link, new SecretFileOptions { AllowSymlinks = true }));
        Assert.Equal(SecretErrorKind.PermissionsTooOpen, error.Kind);
    }

    private SecretFileOptions InRoot() => new() { AllowedRoot = _files.PathOf("root") };

    private static void Refuses(Func<object> call)
    {
        SecretException error = Assert.Throws<SecretException>(call);
        Assert.Equal(SecretErrorKind.PathValidationFailed, error.Kind);
    }
}
