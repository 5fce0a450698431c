using System.Runtime.InteropServices;

namespace Candlefish.Secrets.Native;

/// <summary>The part of <c>struct statx</c> (256 bytes, the same on every architecture) that the loaders look at.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal readonly struct FileFacts
{
    private const int TypeBits = 0xF000;
    private const int RegularType = 0x8000;
    private const int DirectoryType = 0x4000;
    private const int LinkType = 0xA000;
    private const int PermissionBits = 0x1FF;

    [FieldOffset(20)]
    private readonly uint _owner;

    [FieldOffset(28)]
    private readonly ushort _mode;

    [FieldOffset(40)]
    private readonly ulong _size;

    internal uint Owner => _owner;

    /// <summary>The nine permission bits, 0 to 0o777.</summary>
    internal int Mode => _mode & PermissionBits;

    internal bool IsSticky => (_mode & 0x200) != 0;

    internal ulong Size => _size;

    internal bool IsRegular => (_mode & TypeBits) == RegularType;

    internal bool IsDirectory => (_mode & TypeBits) == DirectoryType;

    internal bool IsLink => (_mode & TypeBits) == LinkType;
}
