using System.Reflection;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Loading;

#pragma warning disable CFS0001 // The obsolete loader is what is tested.
public sealed class EnvironmentTests
{
    [Fact]
    [Requirement("LIB-44", "SM-LOAD-4005-R1")]
    public void Variable_gives_its_value_and_an_unset_one_is_not_found()
    {
        string name = Set("value");
        using Secret secret = Secret.LoadFromEnvironment(name);
        Assert.True(secret.Verify("value"));
        SecretException error = Assert.Throws<SecretException>(() => Secret.LoadFromEnvironment(name + "_UNSET"));
        Assert.Equal(SecretErrorKind.FileNotFound, error.Kind);
        Assert.Equal($"secret file not found: env var not set: {name}_UNSET", error.Message);
    }

    [Fact]
    [Requirement("LIB-44")]
    public void Blank_variable_is_an_invalid_format()
    {
        string name = Set("  ");
        SecretException error = Assert.Throws<SecretException>(() => Secret.LoadFromEnvironment(name));
        Assert.Equal("invalid secret format: empty value", error.Message);
    }

    [Fact]
    [Requirement("LIB-43", "SM-LOAD-4005-R2", "SM-LOAD-4005-R3", "SM-LOAD-4005-R4", "SEC-SECRET-016", "SEC-VULN-3", "EXP-CROSS-7002-R3")]
    public void Loader_is_obsolete_names_the_file_loader_and_warns_once_about_process_listings()
    {
        MethodInfo method = typeof(Secret).GetMethod(nameof(Secret.LoadFromEnvironment))!;
        ObsoleteAttribute obsolete = method.GetCustomAttribute<ObsoleteAttribute>()!;
        Assert.Contains("Secret.LoadFromFile", obsolete.Message, StringComparison.Ordinal);
        Assert.False(obsolete.IsError);

        string name = Set("value");
        using var log = new LogCapture();
        Secret.LoadFromEnvironment(name).Dispose();
        Secret.LoadFromEnvironment(name).Dispose();
        string warning = Assert.Single(log.Lines, line => line.Contains(name, StringComparison.Ordinal));
        Assert.Contains("process listings", warning, StringComparison.Ordinal);
    }

    private static string Set(string value)
    {
        string name = "CANDLEFISH_TEST_" + Guid.NewGuid().ToString("N");
        Environment.SetEnvironmentVariable(name, value);
        return name;
    }
}
#pragma warning restore CFS0001
