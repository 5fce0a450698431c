using Candlefish.Secrets.Builtin.Storage.Sqlite;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Storage.Sqlite;

public sealed class SqliteFaultTests
{
    [Theory]
    [InlineData(13, 0, true, false, "no space")]
    [InlineData(13, 28, true, false, "no space")]
    [InlineData(8, 0, true, false, "read-only")]
    [InlineData(10 | (3 << 8), 28, true, false, "no space")]
    [InlineData(10 | (3 << 8), 30, true, false, "read-only")]
    [InlineData(10 | (3 << 8), 122, true, false, "no space")]
    [InlineData(10 | (3 << 8), 5, false, false, "could not be written")]
    [InlineData(10 | (4 << 8), 5, false, true, "fsync failed")]
    [InlineData(10 | (4 << 8), 28, false, true, "fsync failed")]
    [InlineData(10 | (5 << 8), 5, false, true, "fsync failed")]
    [InlineData(11, 0, false, true, "damaged")]
    [InlineData(26, 0, false, true, "damaged")]
    [InlineData(1, 0, false, true, "damaged")]
    [InlineData(5, 0, false, false, "locked")]
    public void Fault_of_a_write_is_what_the_kernel_must_do(int code, int systemError, bool isFull, bool mustRestart, string text)
    {
        var fault = SqliteFault.Describe(code, systemError, "/data/candlefish.db", isWrite: true);

        Assert.Equal((isFull, mustRestart), (fault.IsFull, fault.MustRestart));
        Assert.Contains(text, fault.Message, StringComparison.Ordinal);
        Assert.Contains("/data/candlefish.db", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_found_by_a_read_does_not_stop_the_node() =>
        Assert.False(SqliteFault.Describe(11, 0, "/data/candlefish.db", isWrite: false).MustRestart);
}
