using Candlefish.Secrets.Tests.Support;
using Xunit;
using Xunit.Sdk;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Properties;

public sealed class PropertyRunTests
{
    [Fact]
    public void Wrong_property_is_found_made_small_stored_and_replayed_first()
    {
        using var files = new TemporarySecrets();
        Assert.Throws<FailException>(() => PropertyRun.Holds(files.Directory, "dot", NoDot));
        string stored = Assert.Single(File.ReadAllLines(files.PathOf("dot.txt")));
        Assert.Equal("2e", stored);

        int calls = 0;
        Assert.Throws<InvalidOperationException>(() => PropertyRun.Holds(files.Directory, "dot", input =>
        {
            calls++;
            NoDot(input);
        }));
        Assert.Equal(1, calls);
    }

    private static void NoDot(byte[] input)
    {
        if (input.Contains((byte)'.'))
        {
            throw new InvalidOperationException("A dot.");
        }
    }
}
