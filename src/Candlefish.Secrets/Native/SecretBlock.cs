using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Candlefish.Secrets.Native;

/// <summary>
/// One piece of secret memory. The reference count of <see cref="SafeHandle"/> makes release wait for the last use;
/// release overwrites the bytes with zero before the memory is given back, also when the owner forgot Dispose.
/// </summary>
internal sealed unsafe class SecretBlock : SafeHandle
{
    private PageRegion? _region;
    private int _firstSlot;
    private int _slots;
    private volatile bool _isReleased;

    internal SecretBlock(int length) : base(0, ownsHandle: true)
    {
        Length = length;
    }

    public override bool IsInvalid => handle == 0;

    internal int Length { get; }

    /// <summary>
    /// True from the call of Dispose on, also while a use under way keeps the memory: IsClosed becomes true only at the
    /// end of that use, and would let new uses in until then.
    /// </summary>
    internal bool IsReleased => _isReleased;

    /// <summary>Valid only between DangerousAddRef and DangerousRelease.</summary>
    internal Span<byte> Bytes => new((void*)handle, Length);

    internal void Attach(PageRegion region, int firstSlot, int slots)
    {
        _region = region;
        _firstSlot = firstSlot;
        _slots = slots;
        SetHandle(region.Address + (firstSlot * PageRegion.SlotBytes));
    }

    protected override void Dispose(bool disposing)
    {
        _isReleased = true;
        base.Dispose(disposing);
    }

    protected override bool ReleaseHandle()
    {
        CryptographicOperations.ZeroMemory(Bytes);
        if (_region is not null)
        {
            SecretHeap.Return(_region, _firstSlot, _slots);
        }

        return true;
    }
}
