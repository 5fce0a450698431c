using System.Text.Json;
using Candlefish.Secrets.Vault.Barrier;

namespace Candlefish.Secrets.Builtin.Auth.Userpass;

/// <summary>The records of a userpass mount: <c>scheme</c> and <c>user/NAME</c>.</summary>
internal static class UserpassStorage
{
    public const string Users = "user/";

    private const string Scheme = "scheme";

    /// <exception cref="BarrierException">The record is missing or not readable.</exception>
    public static async ValueTask<HashingScheme> SchemeAsync(BarrierView storage, CancellationToken cancellation) =>
        await storage.GetAsync(Scheme, cancellation) is { } stored && JsonSerializer.Deserialize(stored, UserpassJson.Default.HashingScheme) is { } scheme
            ? scheme
            : throw new BarrierException(storage.Prefix + Scheme);

    public static void Put(BarrierView storage, HashingScheme scheme) =>
        storage.Put(Scheme, JsonSerializer.SerializeToUtf8Bytes(scheme, UserpassJson.Default.HashingScheme));

    /// <param name="name">Canonical.</param>
    public static async ValueTask<UserRecord?> FindAsync(BarrierView storage, string name, CancellationToken cancellation) =>
        await storage.GetAsync(Users + name, cancellation) is not { } stored
            ? null
            : JsonSerializer.Deserialize(stored, UserpassJson.Default.UserRecord) ?? throw new BarrierException(storage.Prefix + Users + name);

    public static void Put(BarrierView storage, string name, UserRecord user) =>
        storage.Put(Users + name, JsonSerializer.SerializeToUtf8Bytes(user, UserpassJson.Default.UserRecord));
}
