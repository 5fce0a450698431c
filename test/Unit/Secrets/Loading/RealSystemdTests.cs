using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Secrets.Gates;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Loading;

/// <summary>
/// Lets a real systemd hand a credential to this very test program, once as root and once to a service of another user,
/// whose credential then carries the access list.
/// </summary>
public sealed class RealSystemdTests
{
    private const string Marker = "CANDLEFISH_UNDER_SYSTEMD";
    private const string Value = "credential-from-a-real-unit";

    [Theory]
    [InlineData("")]
    [InlineData("-p User=nobody ")]
    [Requirement("LIB-30", "LIB-36", "LIB-38")]
    public void Unit_reads_its_credential(string user)
    {
        Assert.SkipUnless(
            Environment.IsPrivilegedProcess && Directory.Exists("/run/systemd/system"),
            "Needs root on a machine that systemd has started.");
        using var files = new TemporarySecrets();
        string path = files.Write("credential", Value);
        string method = $"{typeof(RealSystemdTests).FullName}.{nameof(Inside_a_unit_the_credential_is_loaded)}";
        string output = LibraryCopy.Run(
            files.Directory,
            "systemd-run",
            $"--pipe --wait --quiet {user}-p LoadCredential=candlefish_test:{path} -E {Marker}=1 {Environment.ProcessPath} -method {method} -noColor",
            out int exitCode);
        Assert.True(exitCode == 0, output);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Inside_a_unit_the_credential_is_loaded()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Marker) == "1", "Runs inside the unit that the other test starts.");
        using Secret secret = Secret.LoadFromSystemdCredential("candlefish_test");
        Assert.True(secret.Verify(Value));
    }
}
