using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Loading;

public sealed class LargeFileTests : IDisposable
{
    private readonly TemporarySecrets _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    [Requirement("LIB-19")]
    public void Text_of_two_mebibytes_is_too_large()
    {
        string path = _files.Write("token", new string('x', 2 * 1024 * 1024));
        SecretException error = Assert.Throws<SecretException>(() => Secret.LoadFromFile(path));
        Assert.Contains("file too large", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("LIB-20")]
    public void Key_file_of_two_kibibytes_is_too_large()
    {
        string path = _files.Write("key", new string('a', 2048));
        SecretException error = Assert.Throws<SecretException>(() => SecretKey.LoadFromFile(path));
        Assert.Contains("file too large", error.Message, StringComparison.Ordinal);
    }
}
