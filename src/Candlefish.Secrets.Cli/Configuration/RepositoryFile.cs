using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Configuration;

/// <summary>
/// <c>.candlefish.yaml</c> of the checkout around the working folder. It may name the environment,
/// paths and mappings. An address and a CA count only after the user confirmed that very pair for
/// that very checkout: a cloned repository must not be able to redirect a login.
/// </summary>
internal sealed class RepositoryFile
{
    private readonly JsonObject _root;
    private readonly bool _isConfirmed;

    private RepositoryFile(string folder, JsonObject root, bool isConfirmed)
    {
        Folder = folder;
        _root = root;
        _isConfirmed = isConfirmed;
    }

    /// <summary>The folder that holds the file.</summary>
    internal string Folder { get; }

    /// <summary>The address it asks for, confirmed or not.</summary>
    internal string? Address => Text("address");

    /// <summary>The CA file it asks for, confirmed or not.</summary>
    internal string? CaCert => Text("ca_cert") is { } file ? Path.GetFullPath(Path.Combine(Folder, file)) : null;

    /// <summary>Whether it asks for an address or CA nobody confirmed.</summary>
    internal bool NeedsConfirmation => (Address ?? CaCert) is not null && !_isConfirmed;

    /// <summary>Finds the file in the working folder or above, up to the home folder or a file-system root.</summary>
    internal static RepositoryFile? Find(CliHost host)
    {
        for (var folder = host.WorkingFolder; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var path = Path.Combine(folder, ".candlefish.yaml");
            if (File.Exists(path))
            {
                var root = YamlDocument.Read(path) as JsonObject ?? [];
                var found = new RepositoryFile(folder, root, isConfirmed: false);
                return new RepositoryFile(folder, root, new ConfirmedCheckouts(host).Contains(folder, found.Address, found.CaCert));
            }

            if (folder == host.HomeFolder || Directory.Exists(Path.Combine(folder, ".git")))
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>A setting the file may make: the environment always, address and CA only when confirmed.</summary>
    internal string? Value(string key) => key switch
    {
        "environment" => Text("environment"),
        "address" when _isConfirmed => Address,
        "ca_cert" when _isConfirmed => CaCert,
        _ => null,
    };

    private string? Text(string key) => (_root[key] as JsonValue)?.ToString();
}
