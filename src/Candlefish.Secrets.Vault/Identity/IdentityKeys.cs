using System.Security.Cryptography;
using System.Text;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>Where identity stands in storage, below <c>sys/identity/</c> of its namespace.</summary>
/// <remarks>
/// <code>
/// entity/ID                        the record, with aliases and memberships in it
/// entity-name/NAME                 "ID SPELLING"; NAME folded and escaped
/// entity-merged/OLD-ID             "ID" of the entity that OLD-ID was merged into
/// alias/ACCESSOR/HASH              "ENTITY-ID ALIAS-ID"; HASH is SHA-256 of the alias name
/// alias-id/ALIAS-ID                "ENTITY-ID"
/// group/ID                         the record, with alias, member groups and parent groups in it
/// group-name/NAME                  "ID SPELLING"
/// group-alias/ACCESSOR/HASH        "ID"
/// group-alias-id/ALIAS-ID          "ID"
/// group-member/ID/THROUGH/ENTITY   present = the entity's record says so too; THROUGH is "direct" or a members id
/// removed-mount/ACCESSOR           the mount is gone: no login through it makes an alias any more
/// purge/ID                         a prefix whose removal has begun
/// </code>
/// Everything but the two records is an index, written in the transaction of its record. An index entry is read before it
/// is written, so that two writers of one name conflict at commit.
/// </remarks>
internal static class IdentityKeys
{
    public const string Root = "sys/identity/";

    public const string Entities = "entity/";
    public const string EntityNames = "entity-name/";
    public const string Aliases = "alias/";
    public const string AliasIds = "alias-id/";
    public const string Groups = "group/";
    public const string GroupNames = "group-name/";
    public const string GroupAliases = "group-alias/";
    public const string GroupAliasIds = "group-alias-id/";
    public const string GroupMembers = "group-member/";
    public const string RemovedMounts = "removed-mount/";
    public const string Purges = "purge/";

    public static string Entity(string id) => Entities + id;

    public static string EntityName(string name) => EntityNames + Escaped(name);

    public static string Merged(string id) => "entity-merged/" + id;

    public static string Alias(string mountAccessor, string name) => Aliases + mountAccessor + "/" + Hash(name);

    public static string AliasId(string id) => AliasIds + id;

    public static string Group(string id) => Groups + id;

    public static string GroupName(string name) => GroupNames + Escaped(name);

    public static string GroupAlias(string mountAccessor, string name) => GroupAliases + mountAccessor + "/" + Hash(name);

    public static string GroupAliasId(string id) => GroupAliasIds + id;

    /// <summary>Folder of the members that came through one alias, or of those that were written (empty).</summary>
    public static string Members(string groupId, string through) =>
        GroupMembers + groupId + "/" + (through.Length == 0 ? "direct" : through) + "/";

    public static string RemovedMount(string accessor) => RemovedMounts + accessor;

    private static string Escaped(string name) => Uri.EscapeDataString(IdentityNames.Fold(name));

    private static string Hash(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
}
