using System.Buffers.Binary;
using System.Security.Cryptography;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Seals;
using Candlefish.Secrets.Vault.Storage;
using Xunit;

namespace Candlefish.Secrets.Tests.Fuzz;

/// <summary>Key shares typed by people, and records that storage hands back: untrusted until authenticated.</summary>
public sealed class SealFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Share_text_is_decoded_or_null() => FuzzRun.Repeat(output, random =>
    {
        byte[] share = new byte[random.Next(15, 35)];
        random.NextBytes(share);
        string text = FuzzInput.Damage(random, random.Next(2) == 0 ? Convert.ToHexString(share) : Convert.ToBase64String(share));
        if (ShareText.Decode(text) is not { } decoded)
            return false;
        Assert.InRange(decoded.Length, 16, 33);
        return true;
    });

    [Fact]
    public void Shares_combine_or_are_refused() => FuzzRun.Repeat(output, random =>
    {
        byte[] secret = new byte[random.Next(1, 40)];
        random.NextBytes(secret);
        int threshold = random.Next(2, 6);
        byte[][] original = Shamir.Split(secret, random.Next(threshold, 9), threshold);
        byte[][] shares = [.. original.OrderBy(_ => random.Next()).Take(random.Next(original.Length + 1)).Select(s => FuzzInput.Damage(random, s))];
        byte[] combined;
        try
        {
            combined = Shamir.Combine(shares);
        }
        catch (ArgumentException)
        {
            return false;
        }
        bool isWhole = shares.Length >= threshold && shares.All(s => original.Any(o => o.AsSpan().SequenceEqual(s)));
        if (isWhole)
            Assert.Equal(secret, combined);
        return true;
    });

    [Fact]
    public void Seal_record_parses_or_is_not_authentic() => FuzzRun.Repeat(output, random =>
    {
        byte[] record = new SealRecord { Type = "shamir", Shares = 5, Threshold = 3, RootKey = RandomNumberGenerator.GetBytes(61), ClusterId = "1b4e28ba-2fa1-11d2-883f-0016d3cca427" }.Serialize();
        if (random.Next(4) == 0)
            record = System.Text.Encoding.UTF8.GetBytes($$"""{"format":1,"type":{{FuzzInput.Of(random, "null", "\"shamir\"", "1", "\"\\ud800\"")}},"shares":{{FuzzInput.Of(random, "5", "1e99", "5.5", "\"5\"")}},"threshold":3,"root_key":{{FuzzInput.Of(random, "null", "\"AAAA\"", "\"A\"", "[1]")}},"cluster_id":{{FuzzInput.Of(random, "null", "\"a\"", "{}")}},"x":"\udfff"}""");
        try
        {
            SealRecord parsed = SealRecord.Parse(FuzzInput.Damage(random, record));
            Assert.NotNull(parsed.Type);
            Assert.NotNull(parsed.RootKey);
            Assert.NotNull(parsed.ClusterId);
            return true;
        }
        catch (BarrierException)
        {
            return false;
        }
    });

    [Fact]
    public void Key_ring_parses_or_is_not_authentic() => FuzzRun.Repeat(output, random =>
    {
        KeyRing ring = KeyRing.Create(DateTimeOffset.UnixEpoch.AddDays(20_000));
        for (int i = random.Next(3); i > 0; i--)
        {
            KeyRing older = ring;
            ring = older.WithNewTerm(DateTimeOffset.UnixEpoch.AddDays(20_001));
        }
        byte[] bytes = ring.Serialize();
        ring.DisposeAll();
        if (random.Next(4) == 0)
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(5 + FuzzInput.Of(random, 4, 12)), FuzzInput.Of(random, long.MinValue, long.MaxValue, -1));
        bytes = FuzzInput.Damage(random, bytes);
        try
        {
            KeyRing parsed = KeyRing.Parse(bytes, uncounted: 1 << 18);
            Assert.True(parsed.Active.Encryptions >= 0, "a negative count of encryptions would delay the next rotation");
            Assert.Same(parsed.Active, parsed.Find(parsed.Active.Term));
            parsed.DisposeAll();
            return true;
        }
        catch (BarrierException)
        {
            return false;
        }
    });

    /// <summary>Every bit of stored values, one at a time; then cuts, and values moved to another key.</summary>
    [Fact]
    public async Task Changed_stored_value_is_never_read()
    {
        const int leastFlips = 10_000;
        CancellationToken none = CancellationToken.None;
        var storage = new InMemoryStorage();
        using SecretBuffer root = SecretBuffer.CreateRandom(32);
        await storage.CommitAsync(new StorageBatch().Put(SecurityBarrier.KeyRingKey, SecurityBarrier.CreateKeyRing(root, TimeProvider.System)), none);
        using SecurityBarrier barrier = await SecurityBarrier.OpenAsync(storage, root, TimeProvider.System, none);
        string[] keys = ["logical/a", "logical/b", "logical/a/b", "core/mounts"];
        var random = new Random(FuzzRun.Seed);
        await barrier.CommitAsync(keys.Take(2).Select(k => KeyValuePair.Create<string, byte[]?>(k, RandomNumberGenerator.GetBytes(random.Next(0, 400)))), [], none);
        await barrier.RotateAsync(none);
        await barrier.CommitAsync(keys.Skip(2).Select(k => KeyValuePair.Create<string, byte[]?>(k, RandomNumberGenerator.GetBytes(random.Next(400, 900)))), [], none);

        var originals = new Dictionary<string, byte[]>();
        foreach (string key in (string[])[.. keys, SecurityBarrier.KeyRingKey])
            originals[key] = (await storage.GetAsync(key, none) ?? throw new InvalidOperationException("not stored")).Value;
        int flips = 0;
        int others = 0;
        foreach ((string key, byte[] original) in originals)
        {
            for (int bit = 0; bit < original.Length * 8; bit++, flips++)
            {
                byte[] changed = [.. original];
                changed[bit / 8] ^= (byte)(1 << (bit % 8));
                await RefusedAsync(key, changed, $"bit {bit}");
            }
            for (int length = 0; length < original.Length; length++, others++)
                await RefusedAsync(key, original[..length], $"cut to {length}");
            await RefusedAsync(key, [.. original, 0], "lengthened");
            foreach ((string other, byte[] moved) in originals.Where(o => o.Key != key))
                await RefusedAsync(key, moved, $"moved from {other}");
            await storage.CommitAsync(new StorageBatch().Put(key, original), none);
        }
        foreach (string key in keys)
            Assert.NotNull(await barrier.GetAsync(key, none));
        output.WriteLine($"seed {FuzzRun.Seed}: {flips} flipped bits, {others} cuts");
        Assert.True(flips >= leastFlips, $"only {flips} bits");

        async Task RefusedAsync(string key, byte[] stored, string what)
        {
            await storage.CommitAsync(new StorageBatch().Put(key, stored), none);
            try
            {
                if (key == SecurityBarrier.KeyRingKey)
                    (await SecurityBarrier.OpenAsync(storage, root, TimeProvider.System, none)).Dispose();
                else
                    await barrier.GetAsync(key, none);
            }
            catch (BarrierException)
            {
                return;
            }
            Assert.Fail($"seed {FuzzRun.Seed}: {key}, {what}: was read");
        }
    }
}
