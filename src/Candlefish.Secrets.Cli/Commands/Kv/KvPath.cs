using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary>
/// A secret's place: mount, engine version and the path below the mount. Found the way Vault's CLI
/// finds it: <c>GET sys/internal/ui/mounts/PATH</c>; a server without that route has version 1 mounts.
/// </summary>
internal sealed record KvPath(string Mount, bool IsVersioned, string Path)
{
    /// <summary>The path as people write it.</summary>
    internal string Display => Mount + Path;

    /// <summary>API path of the values.</summary>
    internal string Data => IsVersioned ? $"{Mount}data/{Path}" : Mount + Path;

    /// <summary>API path of the metadata, which is also where lists are.</summary>
    internal string Metadata => IsVersioned ? $"{Mount}metadata/{Path}" : Mount + Path;

    internal string Of(string verb) => $"{Mount}{verb}/{Path}";

    internal KvPath With(string path) => this with { Path = path };

    /// <summary>Asks the server which mount serves the path.</summary>
    /// <param name="cli">The running command.</param>
    /// <param name="mount">Value of <c>-mount</c>; then <paramref name="path"/> is relative to it.</param>
    /// <param name="path">The path as written.</param>
    /// <param name="cancellation">Stops the call.</param>
    internal static async Task<KvPath> ResolveAsync(CliContext cli, string? mount, string path, CancellationToken cancellation)
    {
        path = path.TrimStart('/');
        var asked = mount is null ? path : mount.Trim('/');
        var call = new VaultCall("GET", "sys/internal/ui/mounts/" + asked) { WrapTtl = "" };
        var reply = await cli.Server.RawAsync(call, cancellation);
        if (reply.Status == 404)
        {
            var slash = path.IndexOf('/');
            return mount is not null ? new KvPath(asked + "/", false, path)
                : slash < 0 ? new KvPath(path + "/", false, "")
                : new KvPath(path[..(slash + 1)], false, path[(slash + 1)..]);
        }

        var data = (await cli.Server.CheckAsync(call, reply, cancellation)).Data;
        var found = data["path"]?.ToString() ?? asked + "/";
        var version = (data["options"] as System.Text.Json.Nodes.JsonObject)?["version"]?.ToString();
        var rest = mount is not null ? path : path.Length >= found.Length ? path[found.Length..] : "";
        return new KvPath(found, version == "2", rest);
    }

    /// <summary>Refuses commands that need versions.</summary>
    internal KvPath Versioned(string command) => IsVersioned ? this : throw CliError.Usage(
        $"kv {command} needs version 2 of the key/value engine",
        $"{Mount} has version 1, which keeps no versions",
        $"candlefish-secrets kv enable-versioning {Mount}");
}
