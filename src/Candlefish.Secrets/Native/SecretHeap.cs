namespace Candlefish.Secrets.Native;

/// <summary>
/// Hands out <see cref="SecretBlock"/>s: small ones from shared slabs (100,000 keys need 1,563 pages, within the
/// usual 8 MiB limit of locked memory), larger ones from pages of their own. Knows every live block, so that all of
/// them can be zeroed when the process ends: finalizers do not run at exit. Thread-safe.
/// </summary>
internal static class SecretHeap
{
    /// <summary>How many slabs with room a search for several neighbouring slots looks at before it maps a new one.</summary>
    private const int SlabsToSearch = 8;

    private static readonly Lock Gate = new();
    private static readonly List<PageRegion> SlabsWithRoom = [];
    private static readonly HashSet<PageRegion> Regions = [];

    static SecretHeap()
    {
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => ReleaseAll();
    }

    internal static SecretBlock Rent(int length)
    {
        var block = new SecretBlock(length);
        int slots = Math.Max(1, (length + PageRegion.SlotBytes - 1) / PageRegion.SlotBytes);
        lock (Gate)
        {
            if (slots > PageRegion.LargestRun)
            {
                AttachWhole(block, PageRegion.MapLarge(length));
            }
            else
            {
                AttachToSlab(block, slots);
            }
        }

        SecretMemory.AnnounceDegraded();
        return block;
    }

    internal static SecretBlock RentHardened(int length)
    {
        var block = new SecretBlock(length);
        lock (Gate)
        {
            AttachWhole(block, PageRegion.MapHardened(length));
        }

        SecretMemory.AnnounceDegraded();
        return block;
    }

    /// <summary>Takes back memory that its block has zeroed.</summary>
    internal static void Return(PageRegion region, int firstSlot, int slots)
    {
        lock (Gate)
        {
            bool wasFull = region.IsFull;
            region.Return(firstSlot, slots);
            if (region.IsSlab && wasFull)
            {
                SlabsWithRoom.Add(region);
            }

            // One empty slab stays mapped, so that a loop of create and dispose makes no system calls.
            if (region.IsEmpty && (!region.IsSlab || SlabsWithRoom.Count > 1))
            {
                SlabsWithRoom.Remove(region);
                Regions.Remove(region);
                region.Unmap();
            }
        }
    }

    /// <summary>Disposes every live block: memory in use is zeroed when that use ends, later uses find it disposed.</summary>
    internal static void ReleaseAll()
    {
        foreach (SecretBlock block in Live(out _))
        {
            block.Dispose();
        }
    }

    internal static List<SecretBlock> Live(out long mappedBytes)
    {
        var live = new List<SecretBlock>();
        mappedBytes = 0;
        lock (Gate)
        {
            foreach (PageRegion region in Regions)
            {
                region.CollectLive(live);
                mappedBytes += (long)region.Size;
            }
        }

        return live;
    }

    private static void AttachToSlab(SecretBlock block, int slots)
    {
        int last = Math.Max(0, SlabsWithRoom.Count - SlabsToSearch);
        for (int i = SlabsWithRoom.Count - 1; i >= last; i--)
        {
            PageRegion slab = SlabsWithRoom[i];
            int first = slab.TryReserve(slots, block);
            if (first < 0)
            {
                continue;
            }

            block.Attach(slab, first, slots);
            if (slab.IsFull)
            {
                SlabsWithRoom.RemoveAt(i);
            }

            return;
        }

        PageRegion fresh = PageRegion.MapSlab();
        Regions.Add(fresh);
        SlabsWithRoom.Add(fresh);
        block.Attach(fresh, fresh.TryReserve(slots, block), slots);
    }

    private static void AttachWhole(SecretBlock block, PageRegion region)
    {
        Regions.Add(region);
        block.Attach(region, region.TryReserve(PageRegion.SlotsPerSlab, block), PageRegion.SlotsPerSlab);
    }
}
