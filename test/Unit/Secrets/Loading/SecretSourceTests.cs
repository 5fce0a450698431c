using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Loading;

public sealed class SecretSourceTests : IDisposable
{
    private readonly TemporarySecrets _files = new();
    private readonly string _variable = "CANDLEFISH_TEST_" + Guid.NewGuid().ToString("N");

    public void Dispose()
    {
        _files.Dispose();
        Environment.SetEnvironmentVariable(_variable, null);
        Environment.SetEnvironmentVariable(_variable + "_FILE", null);
    }

    [Fact]
    [Requirement("EXP-ORCH-2004", "EXP-ORCH-2002-R2", "SM-INTEG-6001-R1", "SM-INTEG-6001-R2", "SM-INTEG-6001-R3", "SM-INTEG-6001-R4", "SM-CONFIG-9002", "EXP-AUTH-4002-R3")]
    public void First_source_that_is_there_wins()
    {
        SecretSource source = Source();
        Assert.False(source.IsConfigured);

        Environment.SetEnvironmentVariable(_variable, "from-variable");
        Gives(source, "from-variable");
        _files.Write("default", "from-default");
        Gives(source, "from-default");
        Environment.SetEnvironmentVariable(_variable + "_FILE", _files.Write("named", "from-named"));
        Gives(source, "from-named");
        _files.WriteCredential("api_token", "from-credential");
        Gives(source, "from-credential");
    }

    [Fact]
    [Requirement("EXP-ORCH-2004")]
    public void No_source_names_every_place_that_was_tried()
    {
        SecretException error = Assert.Throws<SecretException>(() => Source().Load());
        Assert.Equal(SecretErrorKind.FileNotFound, error.Kind);
        Assert.Contains(_variable + "_FILE", error.Message, StringComparison.Ordinal);
        Assert.Contains($"env var {_variable})", error.Message, StringComparison.Ordinal);
        Assert.Contains("api_token", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("EXP-ACCEPT-10002")]
    public void Source_that_is_there_and_bad_is_an_error_and_never_skipped()
    {
        Environment.SetEnvironmentVariable(_variable, "from-variable");
        _files.Write("default", "from-default", (UnixFileMode)Convert.ToInt32("644", 8));
        SecretException error = Assert.Throws<SecretException>(() => Source().Load());
        Assert.Equal(SecretErrorKind.PermissionsTooOpen, error.Kind);
    }

    private static void Gives(SecretSource source, string expected)
    {
        Assert.True(source.IsConfigured);
        using Secret secret = source.Load();
        Assert.True(secret.Verify(expected), expected);
    }

    private SecretSource Source() => new()
    {
        Credential = "api_token",
        CredentialsDirectory = _files.CredentialsDirectory,
        FileVariable = _variable + "_FILE",
        DefaultPath = _files.PathOf("default"),
        ValueVariable = _variable,
    };
}
