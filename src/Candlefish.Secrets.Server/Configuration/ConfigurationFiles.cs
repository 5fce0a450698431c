using System.Text;
using Candlefish.Secrets.Vault.Hcl;

namespace Candlefish.Secrets.Server.Configuration;

/// <summary>Finds and parses configuration files: a directory stands for its <c>*.hcl</c> and <c>*.json</c> files in order of name.</summary>
internal static class ConfigurationFiles
{
    /// <exception cref="ServerStartException">Missing, unreadable, too large, or no HCL or JSON.</exception>
    public static IReadOnlyList<(string File, HclBlock Root)> Parse(IReadOnlyList<string> paths, string workingDirectory)
    {
        if (paths.Count == 0)
            throw new ServerStartException("no configuration: name a file with -config=FILE, or start a development server with -dev");
        var documents = new List<(string, HclBlock)>();
        foreach (string path in paths)
        {
            string full = Path.GetFullPath(path, workingDirectory);
            if (!Directory.Exists(full))
            {
                documents.Add(ParseFile(full));
                continue;
            }
            string[] files = [.. Directory.EnumerateFiles(full).Where(IsConfiguration).Order(StringComparer.Ordinal)];
            if (files.Length == 0)
                throw new ServerStartException($"{full}: the directory holds no .hcl or .json file");
            documents.AddRange(files.Select(ParseFile));
        }
        return documents;
    }

    private static bool IsConfiguration(string file) =>
        !Path.GetFileName(file).StartsWith('.') && Path.GetExtension(file) is ".hcl" or ".json";

    private static (string File, HclBlock Root) ParseFile(string file)
    {
        try
        {
            var info = new FileInfo(file);
            if (!info.Exists)
                throw new ServerStartException($"{file}: no such configuration file");
            if (info.Length > HclLimits.MaxBytes)
                throw new ServerStartException($"{file}: larger than {HclLimits.MaxBytes} bytes: this is no configuration file");
            return (file, HclDocument.Parse(File.ReadAllText(file, new UTF8Encoding(false, throwOnInvalidBytes: true))).Root);
        }
        catch (HclException e)
        {
            throw new ServerStartException($"{file}:{e.Position.Line}: {e.Problem}", e);
        }
        catch (DecoderFallbackException e)
        {
            throw new ServerStartException($"{file}: not valid UTF-8", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ServerStartException($"{file}: cannot be read: {e.Message}", e);
        }
    }
}
