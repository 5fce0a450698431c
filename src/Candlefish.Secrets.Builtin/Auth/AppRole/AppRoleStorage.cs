using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Candlefish.Secrets.Vault.Barrier;

namespace Candlefish.Secrets.Builtin.Auth.AppRole;

/// <summary>The records of an AppRole mount.</summary>
/// <remarks>
/// <code>
/// key                            32 random bytes, made with the mount
/// role/NAME                      the role
/// role-id/HASH                   name of the role with this RoleID
/// owner/ROLE_UUID                name of the role; a folder without it is what a deleted role left
/// secret-id/ROLE_UUID/HASH       the SecretID without its text
/// accessor/ROLE_UUID/ACCESSOR    HASH of the SecretID
/// </code>
/// HASH is HMAC-SHA256 under <c>key</c> in hex. SecretIDs and accessors lie below their role, so that no other role's path
/// reaches them (CVE-2023-24999).
/// </remarks>
internal readonly struct AppRoleStorage(BarrierView view, CancellationToken cancellation)
{
    public const string Roles = "role/";
    public const string SecretIds = "secret-id/";

    /// <summary>Stands for the UUID of a role that does not exist; no folder of this name is ever written.</summary>
    private const string Nobody = "none";

    private const string Key = "key";
    private const string RoleIds = "role-id/";
    private const string Owners = "owner/";
    private const string AccessorFolder = "accessor/";

    public BarrierView View { get; } = view;

    public CancellationToken Cancellation { get; } = cancellation;

    public static void CreateKey(BarrierView storage) => storage.Put(Key, RandomNumberGenerator.GetBytes(32));

    /// <param name="name">Canonical.</param>
    public async ValueTask<RoleRecord?> RoleAsync(string name) => await View.GetAsync(Roles + name, Cancellation) is not { } stored
        ? null
        : JsonSerializer.Deserialize(stored, AppRoleJson.Default.RoleRecord) ?? throw new BarrierException(View.Prefix + Roles + name);

    public async ValueTask<RoleRecord?> RoleOfIdAsync(string roleId) =>
        await View.GetAsync(RoleIds + await HashAsync("role-id", Encoding.UTF8.GetBytes(roleId)), Cancellation) is { } name
            ? await RoleAsync(Encoding.ASCII.GetString(name))
            : null;

    /// <summary>The role that a folder of SecretIDs belongs to; <see langword="null"/> when it was deleted.</summary>
    public async ValueTask<RoleRecord?> OwnerAsync(string uuid) =>
        await View.GetAsync(Owners + uuid, Cancellation) is { } name && await RoleAsync(Encoding.ASCII.GetString(name)) is { } role && role.Uuid == uuid
            ? role
            : null;

    /// <param name="old">What is replaced; its RoleID is given up if the new one is another.</param>
    public async ValueTask PutAsync(RoleRecord role, RoleRecord? old)
    {
        byte[] name = Encoding.ASCII.GetBytes(role.Name);
        if (old is not null && old.RoleId != role.RoleId)
            View.Delete(RoleIds + await HashAsync("role-id", Encoding.UTF8.GetBytes(old.RoleId)));
        if (old is null)
            View.Put(Owners + role.Uuid, name.ToArray());
        if (old?.RoleId != role.RoleId)
            View.Put(RoleIds + await HashAsync("role-id", Encoding.UTF8.GetBytes(role.RoleId)), name);
        View.Put(Roles + role.Name, JsonSerializer.SerializeToUtf8Bytes(role, AppRoleJson.Default.RoleRecord));
    }

    /// <summary>Removes a role; its SecretIDs are of no use from then on and are removed by <see cref="AppRoleTidy"/>.</summary>
    public async ValueTask DeleteAsync(RoleRecord role)
    {
        View.Delete(Roles + role.Name);
        View.Delete(RoleIds + await HashAsync("role-id", Encoding.UTF8.GetBytes(role.RoleId)));
        View.Delete(Owners + role.Uuid);
    }

    /// <summary>The name under which a SecretID of a role is stored. Costs the same for a role that does not exist.</summary>
    public async ValueTask<SecretIdKey> KeyOfAsync(RoleRecord? role, byte[] secretId)
    {
        string uuid = role?.Uuid ?? Nobody;
        return new SecretIdKey(uuid, await HashAsync(uuid, secretId));
    }

    public async ValueTask<SecretIdRecord?> SecretIdAsync(SecretIdKey key) =>
        await View.GetAsync(key.Path, Cancellation) is not { } stored
            ? null
            : JsonSerializer.Deserialize(stored, AppRoleJson.Default.SecretIdRecord) ?? throw new BarrierException(View.Prefix + key.Path);

    /// <summary>The SecretID of an accessor, if it is one of this role.</summary>
    public async ValueTask<SecretIdKey?> KeyOfAccessorAsync(RoleRecord role, string accessor) =>
        Guid.TryParseExact(accessor, "D", out Guid id) && await View.GetAsync(AccessorPath(role.Uuid, id.ToString()), Cancellation) is { } hash
            ? new SecretIdKey(role.Uuid, Encoding.ASCII.GetString(hash))
            : null;

    public void Put(SecretIdKey key, SecretIdRecord record)
    {
        View.Put(key.Path, JsonSerializer.SerializeToUtf8Bytes(record, AppRoleJson.Default.SecretIdRecord));
        View.Put(AccessorPath(key.RoleUuid, record.Accessor), Encoding.ASCII.GetBytes(key.Hash));
    }

    public void Delete(SecretIdKey key, SecretIdRecord record)
    {
        View.Delete(key.Path);
        View.Delete(AccessorPath(key.RoleUuid, record.Accessor));
    }

    public ValueTask<IReadOnlyList<string>> AccessorsAsync(RoleRecord role, string after, int limit) =>
        View.ListAsync($"{AccessorFolder}{role.Uuid}/", Cancellation, after, limit);

    private static string AccessorPath(string roleUuid, string accessor) => $"{AccessorFolder}{roleUuid}/{accessor}";

    // The purpose is a role's UUID or a fixed word, so the separator is unambiguous.
    private async ValueTask<string> HashAsync(string purpose, byte[] text)
    {
        byte[] key = await View.GetAsync(Key, Cancellation) ?? throw new BarrierException(View.Prefix + Key);
        byte[] input = [.. Encoding.ASCII.GetBytes(purpose), 0, .. text];
        string hash = Convert.ToHexStringLower(HMACSHA256.HashData(key, input));
        CryptographicOperations.ZeroMemory(input);
        return hash;
    }
}

/// <summary>Where a SecretID is stored.</summary>
internal readonly record struct SecretIdKey(string RoleUuid, string Hash)
{
    public string Path => $"{AppRoleStorage.SecretIds}{RoleUuid}/{Hash}";
}
