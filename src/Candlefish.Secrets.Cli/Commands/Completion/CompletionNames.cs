using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Commands.Completion;

/// <summary>
/// Names from the server for completion: within one budget for all calls of a key press, kept for
/// five minutes in 0600 files that hold names only and belong to one address, namespace and token.
/// </summary>
internal sealed class CompletionNames(CliContext cli, CancellationToken budget)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);

    /// <summary>Whether an answer did not come within the budget.</summary>
    internal bool IsLate { get; private set; }

    /// <summary>Paths of secrets below the folder being typed, and mounts at the top.</summary>
    internal async Task<IEnumerable<string>> SecretsAsync(string typed, CancellationToken cancellation)
    {
        var mounts = await MountsAsync(cancellation);
        var mount = mounts.FirstOrDefault(m => typed.StartsWith(m.Path, StringComparison.Ordinal));
        if (mount.Path is null)
        {
            return mounts.Select(static m => m.Path);
        }

        var folder = typed[..(typed.LastIndexOf('/') + 1)];
        var below = folder[mount.Path.Length..];
        var names = await ListAsync(mount.IsVersioned ? $"{mount.Path}metadata/{below}" : folder, cancellation);
        return names.Select(n => folder + n);
    }

    /// <summary>Names below an API path being typed.</summary>
    internal async Task<IEnumerable<string>> ApiAsync(string typed, CancellationToken cancellation)
    {
        var slash = typed.LastIndexOf('/');
        if (slash < 0)
        {
            return (await MountsAsync(cancellation)).Select(static m => m.Path).Append("sys/").Append("auth/");
        }

        var folder = typed[..(slash + 1)];
        var names = await ListAsync(folder.Replace("/data/", "/metadata/", StringComparison.Ordinal), cancellation);
        return names.Select(n => folder + n);
    }

    /// <summary>Names below a path, from the cache or the server; nothing when neither has them in time.</summary>
    internal async Task<IReadOnlyList<string>> ListAsync(string path, CancellationToken cancellation) => await CachedAsync(
        "list " + path,
        new VaultCall("GET", path.TrimEnd('/') + "/") { Query = [new("list", "true")], WrapTtl = "" },
        static body => [.. ListView.Keys(body["data"] as JsonObject ?? [])],
        cancellation);

    private async Task<List<(string Path, bool IsVersioned)>> MountsAsync(CancellationToken cancellation)
    {
        var lines = await CachedAsync(
            "mounts",
            new VaultCall("GET", "sys/internal/ui/mounts") { WrapTtl = "" },
            static body => [.. ((body["data"] as JsonObject)?["secret"] as JsonObject ?? []).Select(static m =>
                ((m.Value?["options"] as JsonObject)?["version"]?.ToString() == "2" ? "2" : "1") + m.Key)],
            cancellation);
        return [.. lines.Where(static l => l.Length > 1).Select(static l => (l[1..], l[0] == '2'))];
    }

    private async Task<IReadOnlyList<string>> CachedAsync(
        string question, VaultCall call, Func<JsonObject, string[]> read, CancellationToken cancellation)
    {
        var file = FileOf(question);
        var known = File.Exists(file);
        if (known && cli.Now - File.GetLastWriteTimeUtc(file) < Freshness)
        {
            return await File.ReadAllLinesAsync(file, cancellation);
        }

        using var bound = CancellationTokenSource.CreateLinkedTokenSource(budget, cancellation);
        try
        {
            var reply = await cli.Server.RawAsync(call, bound.Token);
            if (reply.IsSuccess)
            {
                var names = read(ApiReply.From(reply).Body);
                PrivateFile.Write(file, string.Concat(names.Select(static n => n + "\n")));
                return names;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Too slow for a key press: an older answer is better than none, and the next press finds a new one.
            IsLate = true;
            return known ? await File.ReadAllLinesAsync(file, cancellation) : [];
        }
        catch (CliError)
        {
            return known ? await File.ReadAllLinesAsync(file, cancellation) : [];
        }

        return [];
    }

    private string FileOf(string question)
    {
        var address = cli.Settings.ServerAddress().Value ?? "";
        var identity = string.Join('\n', address, cli.Settings[SettingRule.Namespace].Value, cli.Settings.TokenFor(address).Value, question);
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 16));
        return Path.Combine(ConfigurationFolder.Of(cli.Host), "completion", digest);
    }
}
