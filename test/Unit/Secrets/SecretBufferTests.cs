using System.Security.Cryptography;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets;

public sealed class SecretBufferTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(2048)]
    [InlineData(2049)]
    [InlineData(100_000)]
    public void Buffer_of_any_size_starts_zero_and_keeps_what_is_written(int length)
    {
        byte[] content = RandomNumberGenerator.GetBytes(length);
        using SecretBuffer buffer = SecretBuffer.Allocate(length);
        Assert.Equal(length, buffer.Length);
        Assert.True(buffer.Use(0, static (bytes, _) => bytes.IndexOfAnyExcept((byte)0) < 0));
        buffer.Write(content, static (bytes, from) => from.CopyTo(bytes));
        Assert.Equal(content, buffer.Use(0, static (bytes, _) => bytes.ToArray()));
        Assert.True(buffer.Verify(content));
    }

    [Fact]
    public void Neighbouring_buffers_of_mixed_sizes_never_overlap()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var live = new List<(SecretBuffer Buffer, byte[] Content)>();
        for (int i = 0; i < 20_000; i++)
        {
            if (live.Count > 500 || (live.Count > 0 && random.Next(3) == 0))
            {
                int at = random.Next(live.Count);
                Assert.True(live[at].Buffer.Verify(live[at].Content));
                live[at].Buffer.Dispose();
                live.RemoveAt(at);
                continue;
            }

            byte[] content = new byte[random.Next(0, random.Next(4) == 0 ? 5000 : 200)];
            random.NextBytes(content);
            SecretBuffer buffer = SecretBuffer.Allocate(content.Length);
            Assert.True(buffer.Use(0, static (bytes, _) => bytes.IndexOfAnyExcept((byte)0) < 0));
            buffer.Write(content, static (bytes, from) => from.CopyTo(bytes));
            live.Add((buffer, content));
        }

        foreach ((SecretBuffer buffer, byte[] content) in live)
        {
            Assert.True(buffer.Verify(content));
            buffer.Dispose();
        }
    }

    [Fact]
    public void Disposed_buffer_refuses_every_access_and_a_second_dispose_is_fine()
    {
        SecretBuffer buffer = SecretBuffer.CopyOf([1, 2, 3]);
        buffer.Dispose();
        buffer.Dispose();
        Assert.True(buffer.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => buffer.Use(0, static (_, _) => { }));
        Assert.Throws<ObjectDisposedException>(() => buffer.Use(0, static (_, _) => 0));
        Assert.Throws<ObjectDisposedException>(() => buffer.Write(0, static (_, _) => { }));
        Assert.Throws<ObjectDisposedException>(() => buffer.Verify([1, 2, 3]));
    }

    [Fact]
    public void Dispose_inside_a_use_waits_for_its_end()
    {
        SecretBuffer buffer = SecretBuffer.CopyOf([1, 2, 3]);
        buffer.Use(buffer, static (bytes, self) =>
        {
            self.Dispose();
            Assert.True(self.IsDisposed);
            Assert.Throws<ObjectDisposedException>(() => self.Verify([1, 2, 3]));
            Assert.Equal(2, bytes[1]);
        });
        Assert.Throws<ObjectDisposedException>(() => buffer.Verify([1, 2, 3]));
    }

    [Fact]
    public void Hardened_buffer_keeps_its_bytes_and_counts_when_the_kernel_cannot()
    {
        long before = SecretMemory.DegradedCount(SecretProtection.Hardened);
        using SecretBuffer buffer = SecretBuffer.AllocateHardened(32);
        buffer.Write(0, static (bytes, _) => bytes.Fill(7));
        Assert.True(buffer.Use(0, static (bytes, _) => bytes.IndexOfAnyExcept((byte)7) < 0));
        Assert.InRange(SecretMemory.DegradedCount(SecretProtection.Hardened) - before, 0, 1);
    }

    [Fact]
    public void Negative_length_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SecretBuffer.Allocate(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SecretBuffer.AllocateHardened(-1));
    }

    [Fact]
    public void Uses_and_dispose_from_many_threads_never_see_zeroed_bytes()
    {
        int wrong = 0;
        for (int round = 0; round < 20; round++)
        {
            byte[] content = RandomNumberGenerator.GetBytes(48);
            SecretBuffer buffer = SecretBuffer.CopyOf(content);
            Thread[] readers = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
            {
                try
                {
                    while (buffer.Verify(content))
                    {
                        Thread.SpinWait(1);
                    }

                    Interlocked.Increment(ref wrong);
                }
                catch (ObjectDisposedException)
                {
                    return; // The expected end: refused, never wrong.
                }
            }))];
            Array.ForEach(readers, reader => reader.Start());
            Thread.Sleep(1);
            buffer.Dispose();
            Array.ForEach(readers, reader => reader.Join());
        }

        Assert.Equal(0, wrong);
    }
}
