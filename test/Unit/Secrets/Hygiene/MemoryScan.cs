using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Hygiene;

/// <summary>
/// Counts the copies of a needle in all readable memory of this process, through /proc/self/maps and /proc/self/mem.
/// The needle is kept inverted, so that the scan does not find its own copy.
/// </summary>
internal sealed class MemoryScan
{
    private const int ChunkBytes = 1 << 20;

    private readonly byte[] _inverted;

    private MemoryScan(byte[] inverted)
    {
        _inverted = inverted;
    }

    /// <summary>Calls back once with random letters and digits, and keeps them only inverted.</summary>
    internal static MemoryScan Plant(int length, Action<byte[]> use)
    {
        byte[] value = GC.AllocateArray<byte>(length, pinned: true);
        RandomNumberGenerator.GetItems("0123456789abcdefghijklmnopqrstuvwxyz"u8, value);
        byte[] inverted = [.. value.Select(b => (byte)~b)];
        use(value);
        CryptographicOperations.ZeroMemory(value);
        return new MemoryScan(inverted);
    }

    /// <summary>A needle whose clear form the caller has: only useful in <see cref="CountIn"/> of other memory.</summary>
    internal static MemoryScan For(ReadOnlySpan<byte> value)
    {
        byte[] inverted = new byte[value.Length];
        for (int i = 0; i < value.Length; i++)
        {
            inverted[i] = (byte)~value[i];
        }

        return new MemoryScan(inverted);
    }

    /// <summary>Copies anywhere in the process. Memory that the kernel refuses to read does not count.</summary>
    internal int Count() => Count(ReadableRanges(), wideToo: true);

    /// <summary>Copies in the given ranges.</summary>
    internal int CountIn(IEnumerable<(ulong Start, ulong End)> ranges) => Count(ranges, wideToo: false);

    /// <summary>The pages that hold secrets: private, locked, excluded from dumps and wiped on fork.</summary>
    internal static List<(ulong Start, ulong End)> SecretPages()
    {
        var pages = new List<(ulong, ulong)>();
        (ulong, ulong) current = default;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (TryParseRange(line, out (ulong, ulong) range))
            {
                current = range;
            }
            else if (line.StartsWith("VmFlags:", StringComparison.Ordinal) &&
                line.Contains(" dd ", StringComparison.Ordinal) &&
                line.Contains(" wf ", StringComparison.Ordinal))
            {
                pages.Add(current);
            }
        }

        return pages;
    }

    private int Count(IEnumerable<(ulong Start, ulong End)> ranges, bool wideToo)
    {
        using FileStream memory = new("/proc/self/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        byte[] window = GC.AllocateArray<byte>(ChunkBytes, pinned: true);
        ulong windowAt = (ulong)Marshal.UnsafeAddrOfPinnedArrayElement(window, 0);
        try
        {
            int found = 0;
            foreach ((ulong start, ulong end) in ranges)
            {
                found += CountRange(memory, window, windowAt, start, end, wideToo);
            }

            return found;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(window);
        }
    }

    private int CountRange(FileStream memory, byte[] window, ulong windowAt, ulong start, ulong end, bool wideToo)
    {
        int found = 0;
        int overlap = (_inverted.Length * 2) - 1;
        for (ulong at = start; at < end; at += (ulong)(window.Length - overlap))
        {
            int length = (int)Math.Min((ulong)window.Length, end - at);
            int read;
            try
            {
                read = RandomAccess.Read(memory.SafeFileHandle, window.AsSpan(0, length), (long)at);
            }
            catch (IOException)
            {
                return found; // Unmapped meanwhile, or memory that even the kernel does not read.
            }

            // A match may start in the part that the next window repeats: count it there.
            int starts = at + (ulong)length >= end ? read : Math.Max(0, read - overlap);
            for (int i = 0; i < starts; i++)
            {
                ulong address = at + (ulong)i;
                bool isOwnWindow = address >= windowAt && address < windowAt + (ulong)window.Length;
                if (!isOwnWindow && (Matches(window, i, read, 1) || (wideToo && Matches(window, i, read, 2))))
                {
                    found++;
                }
            }
        }

        return found;
    }

    private bool Matches(byte[] window, int at, int read, int stride)
    {
        if (window[at] != (byte)~_inverted[0] || at + (_inverted.Length * stride) > read)
        {
            return false;
        }

        for (int i = 0; i < _inverted.Length; i++)
        {
            if (window[at + (i * stride)] != (byte)~_inverted[i] || (stride == 2 && window[at + (i * 2) + 1] != 0))
            {
                return false;
            }
        }

        return true;
    }

    private static List<(ulong Start, ulong End)> ReadableRanges()
    {
        var ranges = new List<(ulong, ulong)>();
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            bool isFile = fields.Length > 5 && fields[5].StartsWith('/') && !fields[1].Contains('w', StringComparison.Ordinal);
            if (fields[1].StartsWith('r') && !isFile && !line.Contains("[v", StringComparison.Ordinal) &&
                TryParseRange(line, out (ulong, ulong) range))
            {
                ranges.Add(range);
            }
        }

        return ranges;
    }

    private static bool TryParseRange(string line, out (ulong Start, ulong End) range)
    {
        range = default;
        int dash = line.IndexOf('-', StringComparison.Ordinal);
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        return dash > 0 && space > dash &&
            ulong.TryParse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out range.Start) &&
            ulong.TryParse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out range.End);
    }
}
