using System.Text;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets;

public sealed class SecretTests
{
    [Fact]
    [Requirement("LIB-8", "SM-TYPE-3002-R1", "SM-TYPE-3002-R4", "SM-TEST-3002-T2", "SEC-SECRET-030", "EXP-ORCH-2002-R5", "EXP-POOL-3002-R5")]
    public void Same_text_verifies()
    {
        using Secret secret = Secret.FromText("pässwörd-токен");
        Assert.True(secret.Verify("pässwörd-токен"));
        Assert.True(secret.Verify("pässwörd-токен".AsSpan()));
        Assert.True(secret.Verify("pässwörd-токен"u8));
    }

    [Theory]
    [InlineData("correct-tokem")]
    [InlineData("xorrect-token")]
    [Requirement("LIB-9")]
    public void Different_text_does_not_verify(string candidate)
    {
        using Secret secret = Secret.FromText("correct-token");
        Assert.False(secret.Verify(candidate));
    }

    [Theory]
    [InlineData("much-longer-token")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("shor\ud800")]
    [Requirement("LIB-10", "SM-SEC-5003-R4", "SEC-SECRET-033")]
    public void Text_of_another_length_or_no_text_does_not_verify_and_does_not_throw(string? candidate)
    {
        using Secret secret = Secret.FromText("short");
        Assert.False(secret.Verify(candidate));
    }

    [Fact]
    [Requirement("LIB-6", "SM-TYPE-3002-R3", "EXP-ORCH-2002-R8", "EXP-WORKER-6001-R4")]
    public void Expose_lends_the_bytes_and_hands_on_a_result()
    {
        using Secret secret = Secret.FromUtf8("token"u8);
        Assert.Equal("Bearer token", secret.Expose("Bearer ", static (bytes, prefix) => prefix + Encoding.UTF8.GetString(bytes)));
        byte[] copy = new byte[5];
        secret.Expose(copy, static (bytes, into) => bytes.CopyTo(into));
        Assert.Equal("token"u8, copy);
    }

    [Fact]
    [Requirement("LIB-1", "SM-SEC-5001-R3", "SEC-SECRET-005", "EXP-RELIABLE-8002-R2")]
    public void Disposed_secret_refuses_every_access_and_a_second_dispose_is_fine()
    {
        Secret secret = Secret.FromText("token");
        secret.Dispose();
        secret.Dispose();
        Assert.True(secret.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => secret.Verify("token"));
        Assert.Throws<ObjectDisposedException>(() => secret.Verify("token"u8));
        Assert.Throws<ObjectDisposedException>(() => secret.Expose(0, static (_, _) => { }));
        Assert.Throws<ObjectDisposedException>(() => secret.Expose(0, static (_, _) => 0));
    }

    [Fact]
    public void Empty_text_lone_surrogate_and_bad_utf8_are_refused()
    {
        Assert.Equal("invalid secret format: empty value", Assert.Throws<SecretException>(() => Secret.FromText("")).Message);
        Assert.Equal("invalid secret format: empty value", Assert.Throws<SecretException>(() => Secret.FromUtf8([])).Message);
        Assert.Equal("invalid secret format: not valid UTF-8", Assert.Throws<SecretException>(() => Secret.FromText("a\ud800")).Message);
        Assert.Equal("invalid secret format: not valid UTF-8", Assert.Throws<SecretException>(() => Secret.FromUtf8([0xFF])).Message);
    }

    [Fact]
    [Requirement("EXP-RELIABLE-8002-R3", "EXP-RELIABLE-8002-R4")]
    public void Verifies_from_many_threads_are_right()
    {
        using Secret secret = Secret.FromText("correct-token");
        int wrong = 0;
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(index => new Thread(() =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                bool same = (i + index) % 2 == 0;
                if (secret.Verify(same ? "correct-token" : "correct-tokem") != same)
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void Secrets_with_the_same_text_are_not_equal_objects()
    {
        using Secret left = Secret.FromText("same");
        using Secret right = Secret.FromText("same");
        Assert.False(left.Equals(right));
        Assert.NotEqual(left.GetHashCode(), right.GetHashCode());
    }

    [Fact]
    [Requirement("EXP-PERF-8001-R1", "EXP-PERF-8001-R2", "EXP-PERF-8001-R4")]
    public void Load_takes_under_10_ms_and_verify_under_1_ms()
    {
        using var files = new TemporarySecrets();
        string path = files.Write("token", new string('x', 1000));
        Assert.True(Median(() => Secret.LoadFromFile(path).Dispose()) < TimeSpan.FromMilliseconds(10));
        using Secret secret = Secret.LoadFromFile(path);
        Assert.True(Median(() => secret.Verify("candidate")) < TimeSpan.FromMilliseconds(1));
    }

    private static TimeSpan Median(Action action)
    {
        var times = new List<TimeSpan>();
        for (int i = 0; i < 101; i++)
        {
            long start = TimeProvider.System.GetTimestamp();
            action();
            times.Add(TimeProvider.System.GetElapsedTime(start));
        }

        times.Sort();
        return times[50];
    }
}
