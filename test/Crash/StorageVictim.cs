using System.Globalization;
using Candlefish.Secrets.Builtin.Storage.Sqlite;
using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Tests.Crash;

/// <summary>
/// The program that is killed: opens the storage, writes numbered batches, and reports on standard output, one line each:
/// <c>ready</c>, <c>ack writer number sequence end</c>, <c>fault full|restart|other</c>, <c>read ok</c>, <c>done</c>.
/// </summary>
internal static class StorageVictim
{
    public const string Name = "storage-victim";

    private const int TriesAfterFault = 5;

    /// <param name="directory">Storage directory.</param>
    /// <param name="writers">Concurrent writers.</param>
    /// <param name="batches">Batches per writer; 0 = until killed.</param>
    public static async Task<int> RunAsync(string directory, int writers, long batches)
    {
        await using (var storage = await SqliteStorage.OpenAsync(directory))
        {
            Report("ready");
            await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => WriteAsync(storage, writer, batches)));
            var keys = await storage.ListAsync("", "", StorageKey.MaxListLimit, CancellationToken.None);
            Report(keys.Count > 0 ? "read ok" : "read nothing");
        }

        Report("done");
        return 0;
    }

    private static async Task WriteAsync(SqliteStorage storage, int writer, long batches)
    {
        var head = await storage.GetAsync(StorageWorkload.Head(writer), CancellationToken.None);
        var number = head is { } found ? BitConverter.ToInt64(found.Value) : 0;
        var version = head?.Version ?? 0;
        var faults = 0;
        for (var end = number + batches; (batches == 0 || number < end) && faults < TriesAfterFault;)
        {
            try
            {
                var result = await storage.CommitAsync(StorageWorkload.Batch(writer, number + 1, version), CancellationToken.None);
                if (!result.IsCommitted)
                {
                    throw new InvalidOperationException("A conflict that cannot be.");
                }

                number++;
                version = result.Sequence;
                Report(string.Create(CultureInfo.InvariantCulture, $"ack {writer} {number} {version} end"));
            }
            catch (StorageException e)
            {
                faults++;
                Report(e.MustRestart ? "fault restart" : e.IsFull ? "fault full" : "fault other");
            }
        }
    }

    private static void Report(string line)
    {
        lock (Name)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }
}
