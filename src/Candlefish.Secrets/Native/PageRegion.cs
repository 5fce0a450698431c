using System.Numerics;
using System.Runtime.InteropServices;

namespace Candlefish.Secrets.Native;

/// <summary>
/// Whole memory pages outside the managed heap: locked in RAM, left out of core dumps, wiped in a forked child.
/// A slab divides one page into 64 slots; any other region holds exactly one block.
/// </summary>
/// <remarks>
/// Each protection that the system refuses is counted in <see cref="SecretMemory"/>; the memory is handed out all
/// the same. Not thread-safe: <see cref="SecretHeap"/> holds its lock around every call.
/// </remarks>
internal sealed unsafe class PageRegion
{
    internal const int SlotsPerSlab = 64;

    /// <summary>A block of more slots than this gets pages of its own.</summary>
    internal const int LargestRun = 32;

    private readonly bool _isMapped;
    private readonly WeakReference<SecretBlock>?[] _blocks;
    private ulong _freeSlots = ulong.MaxValue;

    private PageRegion(nint address, nuint size, bool isMapped, bool isSlab)
    {
        Address = address;
        Size = size;
        _isMapped = isMapped;
        IsSlab = isSlab;
        _blocks = new WeakReference<SecretBlock>?[isSlab ? SlotsPerSlab : 1];
    }

    internal nint Address { get; }

    internal nuint Size { get; }

    internal bool IsSlab { get; }

    internal bool IsEmpty => _freeSlots == ulong.MaxValue;

    internal bool IsFull => _freeSlots == 0;

    /// <summary>64 bytes where pages have 4 KiB; a 64th of the page elsewhere.</summary>
    internal static int SlotBytes => Environment.SystemPageSize / SlotsPerSlab;

    internal static PageRegion MapSlab() => Map((nuint)Environment.SystemPageSize, isSlab: true);

    internal static PageRegion MapLarge(int length) => Map(WholePages(length), isSlab: false);

    /// <summary>Memory that not even the kernel can read (memfd_secret); ordinary protected pages where it is missing.</summary>
    internal static PageRegion MapHardened(int length)
    {
        nuint size = WholePages(length);
        if (TryMapSecret(size, out nint address))
        {
            // The pages are shared, so they cannot be wiped in a child: keep them out of it instead.
            Count(SecretProtection.NoFork, Libc.Advise(address, size, Libc.AdviseDontFork));
            return new PageRegion(address, size, isMapped: true, isSlab: false);
        }

        SecretMemory.ReportDegraded(SecretProtection.Hardened, Marshal.GetLastPInvokeError());
        return Map(size, isSlab: false);
    }

    /// <summary>Reserves neighbouring slots; −1 when the slab has no such run.</summary>
    internal int TryReserve(int slots, SecretBlock block)
    {
        int first = 0;
        if (IsSlab)
        {
            ulong starts = _freeSlots;
            for (int i = 1; i < slots; i++)
            {
                starts &= _freeSlots >> i;
            }

            if (starts == 0)
            {
                return -1;
            }

            first = BitOperations.TrailingZeroCount(starts);
        }

        _freeSlots &= ~Run(first, slots);
        WeakReference<SecretBlock>? known = _blocks[first];
        if (known is null)
        {
            // Long weak: it still answers for a forgotten block whose finalizer has not run yet.
            _blocks[first] = new WeakReference<SecretBlock>(block, trackResurrection: true);
        }
        else
        {
            known.SetTarget(block);
        }

        return first;
    }

    internal void Return(int first, int slots)
    {
        _freeSlots |= Run(first, slots);
    }

    internal void CollectLive(List<SecretBlock> live)
    {
        foreach (WeakReference<SecretBlock>? reference in _blocks)
        {
            if (reference is not null && reference.TryGetTarget(out SecretBlock? block) && !block.IsReleased)
            {
                live.Add(block);
            }
        }
    }

    internal void Unmap()
    {
        if (!_isMapped)
        {
            NativeMemory.AlignedFree((void*)Address);
            return;
        }

        int result = Libc.Unmap(Address, Size);
        System.Diagnostics.Debug.Assert(result == 0, "munmap refused a region that mmap returned.");
    }

    private static ulong Run(int first, int slots) =>
        slots >= SlotsPerSlab ? ulong.MaxValue : ((1UL << slots) - 1) << first;

    private static nuint WholePages(int length)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        return ((nuint)Math.Max(length, 1) + page - 1) / page * page;
    }

    private static PageRegion Map(nuint size, bool isSlab)
    {
        if (!OperatingSystem.IsLinux())
        {
            SecretMemory.ReportDegraded(SecretProtection.Locked, 0);
            SecretMemory.ReportDegraded(SecretProtection.NoDump, 0);
            void* plain = NativeMemory.AlignedAlloc(size, (nuint)Environment.SystemPageSize);
            NativeMemory.Clear(plain, size);
            return new PageRegion((nint)plain, size, isMapped: false, isSlab);
        }

        nint address = Libc.Map(
            0, size, Libc.ProtectRead | Libc.ProtectWrite, Libc.MapPrivate | Libc.MapAnonymous, -1, 0);
        if (address == Libc.MapFailed)
        {
            throw new InsufficientMemoryException("The system has no memory left for a secret. Lower the load or raise the memory limit.");
        }

        Count(SecretProtection.Locked, Libc.Lock(address, size));
        Count(SecretProtection.NoDump, Libc.Advise(address, size, Libc.AdviseDontDump));
        Count(SecretProtection.NoFork, Libc.Advise(address, size, Libc.AdviseWipeOnFork));
        return new PageRegion(address, size, isMapped: true, isSlab);
    }

    private static bool TryMapSecret(nuint size, out nint address)
    {
        address = Libc.MapFailed;
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        int descriptor = Libc.MemfdSecret();
        if (descriptor < 0)
        {
            return false;
        }

        if (Libc.Truncate(descriptor, (nint)size) == 0)
        {
            address = Libc.Map(0, size, Libc.ProtectRead | Libc.ProtectWrite, Libc.MapShared, descriptor, 0);
        }

        int error = Marshal.GetLastPInvokeError();
        _ = Libc.Close(descriptor); // The mapping keeps the pages; a failed close leaves nothing to repair.
        Marshal.SetLastPInvokeError(error);
        return address != Libc.MapFailed;
    }

    private static void Count(SecretProtection protection, int result)
    {
        if (result != 0)
        {
            SecretMemory.ReportDegraded(protection, Marshal.GetLastPInvokeError());
        }
    }
}
