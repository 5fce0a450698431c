using System.IO.Enumeration;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary>Walks the names of a mount. Folders the token may not list are skipped with a warning.</summary>
internal static class KvTree
{
    /// <summary>Names directly below a folder, folders with a final slash; null when there are none.</summary>
    internal static async Task<List<string>?> NamesAsync(CliContext cli, KvPath folder, CancellationToken cancellation) =>
        await cli.Server.TryListAsync(folder.Metadata, cancellation) is { } reply ? [.. ListView.Keys(reply.Data)] : null;

    /// <summary>All secrets below a folder, as paths relative to the mount.</summary>
    internal static async IAsyncEnumerable<string> SecretsAsync(
        CliContext cli, KvPath folder, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var pending = new Stack<string>([folder.Path.Length == 0 || folder.Path.EndsWith('/') ? folder.Path : folder.Path + "/"]);
        var isFirst = true;
        while (pending.TryPop(out var at))
        {
            var names = await ListAsync(cli, folder.With(at), isFirst, cancellation);
            isFirst = false;
            foreach (var name in Enumerable.Reverse(names).Where(static n => n.EndsWith('/')))
            {
                pending.Push(at + name);
            }

            foreach (var name in names.Where(static n => !n.EndsWith('/')))
            {
                yield return at + name;
            }
        }
    }

    /// <summary>Whether a path matches a glob: <c>*</c> any text, <c>?</c> one character.</summary>
    internal static bool Matches(string? glob, string path) => glob is null || FileSystemName.MatchesSimpleExpression(glob, path, ignoreCase: false);

    private static async Task<List<string>> ListAsync(CliContext cli, KvPath folder, bool isFirst, CancellationToken cancellation)
    {
        try
        {
            return await NamesAsync(cli, folder, cancellation) ?? [];
        }
        catch (CliError denied) when (denied.Status == 403 && !isFirst)
        {
            cli.Messages.Warn($"{folder.Display} may not be listed by this token and is left out");
            return [];
        }
    }
}
