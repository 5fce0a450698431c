using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>
/// The versioned KV engine (Vault API: <c>kv</c> with option <c>version=2</c>): named JSON objects with a history.
/// </summary>
/// <remarks>
/// Keeps nothing in memory: every request reads what it needs, in one storage read for the current version of a small
/// secret. A mount that was version 1 needs no upgrade: its records are keys with one version.
/// </remarks>
internal sealed class KvEngine : IBackend
{
    /// <summary>The type to mount.</summary>
    public const string Type = "kv";

    private const string WrongPath = "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. " +
        "If using the Vault CLI, use 'vault kv get' for this operation.";

    public RouteTable Routes { get; } = new(
    [
        KvConfig.Route(),
        KvData.Route(),
        .. KvVersions.Routes(),
        KvMetadata.Route(),
        KvSubkeys.Route(),
        .. KvSearch.Routes(),
        Route.At("{path*}", "Any other path: tells that the mount is versioned.").TakesAny()
            .Reads(WrongPathAsync).Writes(WrongPathAsync).Patches(WrongPathAsync).Deletes(WrongPathAsync).Lists(WrongPathAsync).Scans(WrongPathAsync),
    ]);

    /// <summary>The engine of the version that the options of the mount ask for.</summary>
    public static IBackend Create(MountEntry entry, BackendServices services) =>
        VersionOf(entry.Options) == 2 ? new KvEngine() : new KvUnversioned(services.Limits);

    private static int VersionOf(IReadOnlyDictionary<string, string> options) => options.GetValueOrDefault("version", "") switch
    {
        "" or "1" => 1,
        "2" => 2,
        _ => throw RequestRefused.BadRequest("unknown version of the kv engine: the option 'version' is 1 or 2"),
    };

    private static ValueTask<VaultResponse> WrongPathAsync(RequestContext context) =>
        ValueTask.FromResult(new VaultResponse { Status = 404, Shape = ResponseShape.ErrorWithData }.Warn(WrongPath));
}
