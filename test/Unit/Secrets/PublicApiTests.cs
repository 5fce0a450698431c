using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets;

/// <summary>
/// The public surface of the package is a promise. When a change of it is meant, run this test with
/// CANDLEFISH_UPDATE=1 and commit the new <c>api/Candlefish.Secrets.txt</c> with the change.
/// </summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Surface_is_the_recorded_one()
    {
        string path = RepositoryRoot.Join("api", "Candlefish.Secrets.txt");
        string now = PublicApi.Print(typeof(Secret).Assembly);
        if (Environment.GetEnvironmentVariable("CANDLEFISH_UPDATE") == "1")
        {
            Directory.CreateDirectory(RepositoryRoot.Join("api"));
            File.WriteAllText(path, now);
        }

        Assert.Equal(File.ReadAllText(path), now);
    }

    [Fact]
    [Requirement("LIB-51", "SM-DEPS-7001")]
    public void Package_needs_nothing_but_the_base_class_library()
    {
        Assert.All(
            typeof(Secret).Assembly.GetReferencedAssemblies(),
            reference => Assert.StartsWith("System.", reference.Name, StringComparison.Ordinal));
    }
}
