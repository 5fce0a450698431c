using System.Buffers.Binary;
using Candlefish.Secrets.Vault.Storage;
using Xunit;

namespace Candlefish.Secrets.Tests.Crash;

/// <summary>
/// What each writer of the victim writes, as a pure function of (writer, number), so that the survivor can tell whole
/// batches from torn ones. Batch n of a writer moves its head from n - 1 to n and replaces one of 16 slots with 1 to 8
/// keys of up to 12 KiB, deleting the keys that the batch before it had there.
/// </summary>
internal static class StorageWorkload
{
    private const int Slots = 16;
    private const int MaxKeys = 8;

    public static string Head(int writer) => $"{writer:d2}/head";

    public static StorageBatch Batch(int writer, long number, long headVersion)
    {
        var batch = new StorageBatch().Expect(Head(writer), headVersion).Put(Head(writer), BitConverter.GetBytes(number));
        for (var i = 0; i < MaxKeys; i++)
        {
            _ = i < KeyCount(writer, number)
                ? batch.Put(Key(writer, number, i), Value(writer, number, i))
                : batch.Delete(Key(writer, number, i));
        }

        return batch;
    }

    /// <summary>
    /// Checks that the storage holds exactly the state after the last batch of each writer: every acknowledged batch,
    /// at most the one unacknowledged after it, whole, with one version per batch, and a sequence without gaps.
    /// </summary>
    /// <param name="storage">The reopened storage, which nobody writes to.</param>
    /// <param name="acknowledged">Last acknowledged number and sequence of each writer; receives what is stored.</param>
    /// <param name="context">Seed and cycle, for the failure text.</param>
    public static async Task VerifyAsync(IStorage storage, (long Number, long Sequence)[] acknowledged, string context)
    {
        var commits = 0L;
        var expectedKeys = new List<string>();
        for (var writer = 0; writer < acknowledged.Length; writer++)
        {
            var (number, sequence) = acknowledged[writer];
            var head = await storage.GetAsync(Head(writer), CancellationToken.None);
            var last = head is { } found ? BitConverter.ToInt64(found.Value) : 0;
            Assert.True(last == number || last == number + 1, $"{context}: writer {writer} acknowledged {number}, the storage has {last}");
            Assert.True(last != number || (head?.Version ?? 0) == sequence, $"{context}: writer {writer} has another version than acknowledged");
            commits += last;
            acknowledged[writer] = (last, head?.Version ?? 0);
            if (last > 0)
            {
                expectedKeys.Add(Head(writer));
            }

            for (var slot = Math.Max(1, last - Slots + 1); slot <= last; slot++)
            {
                await VerifyBatchAsync(storage, writer, slot, slot == last ? head?.Version : null, expectedKeys, context);
            }
        }

        var keys = await storage.ListAsync("", "", StorageKey.MaxListLimit, CancellationToken.None);
        Assert.True(expectedKeys.Order(StringComparer.Ordinal).SequenceEqual(keys), $"{context}: keys are missing or left over");
        var latest = await storage.CommitAsync(new StorageBatch(), CancellationToken.None);
        Assert.True(commits == latest.Sequence, $"{context}: {commits} batches, but sequence {latest.Sequence}");
    }

    private static async Task VerifyBatchAsync(
        IStorage storage, int writer, long number, long? version, List<string> expectedKeys, string context)
    {
        for (var i = 0; i < KeyCount(writer, number); i++)
        {
            var key = Key(writer, number, i);
            expectedKeys.Add(key);
            var stored = await storage.GetAsync(key, CancellationToken.None);
            Assert.True(stored is not null, $"{context}: {key} of batch {number} is lost");
            Assert.True(Value(writer, number, i).AsSpan().SequenceEqual(stored.Value.Value), $"{context}: {key} of batch {number} has other bytes");
            version ??= stored.Value.Version;
            Assert.True(version == stored.Value.Version, $"{context}: batch {number} has two versions");
        }
    }

    private static string Key(int writer, long number, int i) => $"{writer:d2}/{number % Slots:d2}/{i}";

    private static int KeyCount(int writer, long number) => 1 + (int)(((number * 7) + writer) % MaxKeys);

    private static byte[] Value(int writer, long number, int i)
    {
        var value = new byte[(number * 977 + i * 4099 + writer * 131) % 12_288];
        Span<byte> pattern = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(pattern, number);
        BinaryPrimitives.WriteInt64LittleEndian(pattern[8..], ((long)writer << 32) + i);
        for (var at = 0; at < value.Length; at++)
        {
            value[at] = (byte)(pattern[at % 16] + (at / 16));
        }

        return value;
    }
}
