using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Candlefish.Secrets.Cli.Configuration;

/// <summary>Reads a YAML file into JSON nodes; every scalar is text. Anchors and several documents are not needed here.</summary>
internal static class YamlDocument
{
    private const int MaxDepth = 32;

    /// <exception cref="CliError">The file cannot be read or is not YAML.</exception>
    internal static JsonNode? Read(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var stream = new YamlStream();
            stream.Load(reader);
            return stream.Documents.Count == 0 ? null : Convert(stream.Documents[0].RootNode, 0);
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

    private static JsonNode? Convert(YamlNode node, int depth)
    {
        if (depth > MaxDepth)
        {
            throw CliError.Usage("the YAML file is nested too deeply", $"more than {MaxDepth} levels", "make it flatter");
        }

        switch (node)
        {
            case YamlScalarNode scalar:
                return scalar.Value is null ? null : JsonValue.Create(scalar.Value);
            case YamlSequenceNode sequence:
                return new JsonArray([.. sequence.Select(c => Convert(c, depth + 1))]);
            case YamlMappingNode mapping:
                var result = new JsonObject();
                foreach (var (key, value) in mapping)
                {
                    result[(key as YamlScalarNode)?.Value ?? key.ToString()] = Convert(value, depth + 1);
                }

                return result;
            default:
                return null;
        }
    }
}
