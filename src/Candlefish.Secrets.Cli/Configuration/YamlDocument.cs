using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Candlefish.Secrets.Cli.Configuration;

/// <summary>
/// Reads the first document of a YAML file into JSON nodes; every scalar is text. The file may come from a
/// cloned repository: its size, depth and, since aliases multiply, the number of nodes are bounded.
/// </summary>
internal static class YamlDocument
{
    private const int MaxDepth = 32;
    private const int MaxNodes = 20_000;
    private const long MaxBytes = 1 << 20;

    /// <exception cref="CliError">The file cannot be read or is not YAML.</exception>
    internal static JsonNode? Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw CliError.Usage($"{path} is too large", $"a YAML file may have {MaxBytes >> 20} MiB", "make it smaller");
            }

            using var reader = new StreamReader(path);
            var stream = new YamlStream();
            stream.Load(reader);
            var left = MaxNodes;
            return stream.Documents.Count == 0 ? null : Convert(stream.Documents[0].RootNode, 0, ref left);
        }
        catch (YamlException exception)
        {
            throw CliError.Usage($"{path} is not valid YAML", $"line {exception.Start.Line}, column {exception.Start.Column}", "correct the file");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CliError.Usage($"cannot read {path}", "it does not exist or may not be opened", $"ls -l {path}");
        }
    }

    private static JsonNode? Convert(YamlNode node, int depth, ref int left)
    {
        if (depth > MaxDepth || --left < 0)
        {
            throw CliError.Usage("the YAML file holds too much", $"more than {MaxDepth} levels or {MaxNodes} values", "make it smaller");
        }

        switch (node)
        {
            case YamlScalarNode scalar:
                return scalar.Value is null ? null : JsonValue.Create(scalar.Value);
            case YamlSequenceNode sequence:
                var list = new JsonArray();
                foreach (var item in sequence)
                {
                    list.Add(Convert(item, depth + 1, ref left));
                }

                return list;
            case YamlMappingNode mapping:
                var result = new JsonObject();
                foreach (var (key, value) in mapping)
                {
                    result[(key as YamlScalarNode)?.Value ?? key.ToString()] = Convert(value, depth + 1, ref left);
                }

                return result;
            default:
                return null;
        }
    }
}
