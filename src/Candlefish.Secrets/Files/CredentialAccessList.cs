using System.Buffers.Binary;
using Candlefish.Secrets.Native;
using Microsoft.Win32.SafeHandles;

namespace Candlefish.Secrets.Files;

/// <summary>
/// Recognises the one form of POSIX access list that systemd puts on a credential: the file is 0400, owned by root, and
/// the service's user has a named entry with read. The group bits of its mode then show the mask of the list, so that
/// the file looks like 0440 although no group may read it.
/// </summary>
/// <remarks>
/// Layout of the attribute, little-endian (linux/posix_acl_xattr.h): version 2 (4 bytes), then entries of
/// tag (2) ‖ permissions (2) ‖ id (4).
/// </remarks>
internal static class CredentialAccessList
{
    private const string AttributeName = "system.posix_acl_access";
    private const int HeaderBytes = 4;
    private const int EntryBytes = 8;
    private const uint Version = 2;

    private const ushort OwnerTag = 0x01;
    private const ushort NamedUserTag = 0x02;
    private const ushort OwningGroupTag = 0x04;
    private const ushort MaskTag = 0x10;
    private const ushort OtherTag = 0x20;

    private const ushort ReadPermission = 4;

    /// <summary>Whether besides the owner nobody but <paramref name="user"/> may read, and nobody may write.</summary>
    internal static bool IsOnlyFor(SafeFileHandle file, int mode, uint user)
    {
        const int GroupWriteOrAnyOther = 0x17; // 0o027
        if ((mode & GroupWriteOrAnyOther) != 0)
        {
            return false;
        }

        Span<byte> list = stackalloc byte[256];
        int length = LibcFiles.GetAttribute(file, AttributeName, list);
        return length > 0 && IsOnlyFor(list[..length], user);
    }

    internal static bool IsOnlyFor(ReadOnlySpan<byte> list, uint user)
    {
        if (list.Length < HeaderBytes ||
            (list.Length - HeaderBytes) % EntryBytes != 0 ||
            BinaryPrimitives.ReadUInt32LittleEndian(list) != Version)
        {
            return false;
        }

        int namedUsers = 0;
        for (ReadOnlySpan<byte> rest = list[HeaderBytes..]; !rest.IsEmpty; rest = rest[EntryBytes..])
        {
            ushort permissions = BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]);
            switch (BinaryPrimitives.ReadUInt16LittleEndian(rest))
            {
                case OwnerTag or MaskTag:
                    break;
                case NamedUserTag when permissions == ReadPermission &&
                    BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]) == user:
                    namedUsers++;
                    break;
                case OwningGroupTag or OtherTag when permissions == 0:
                    break;
                default:
                    return false;
            }
        }

        return namedUsers == 1;
    }
}
