using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Configuration;

/// <summary>
/// Named contexts, as in kubectl: <c>config.yaml</c> with <c>current</c> and, per name, <c>address</c>,
/// <c>namespace</c>, <c>environment</c>, <c>ca_cert</c> and <c>auth_method</c>.
/// </summary>
internal sealed class ContextFile
{
    private readonly string _path;
    private readonly JsonObject _root;

    private ContextFile(string path, JsonObject root)
    {
        _path = path;
        _root = root;
    }

    /// <summary>Name of the context in use when no flag or variable names one.</summary>
    internal string? Current => (_root["current"] as JsonValue)?.ToString();

    internal IEnumerable<string> Names => Contexts.Select(static c => c.Key);

    private JsonObject Contexts => _root["contexts"] as JsonObject ?? [];

    /// <summary>Loads the file; a missing one is an empty one.</summary>
    internal static ContextFile Load(CliHost host)
    {
        var path = Path.Combine(ConfigurationFolder.Of(host), "config.yaml");
        return new ContextFile(path, File.Exists(path) ? YamlDocument.Read(path) as JsonObject ?? [] : []);
    }

    /// <summary>One setting of a context, null when absent.</summary>
    internal string? Value(string context, string key) => ((Contexts[context] as JsonObject)?[key] as JsonValue)?.ToString();

    internal bool Has(string context) => Contexts[context] is JsonObject;

    internal void Set(string context, string key, string value)
    {
        if (_root["contexts"] is not JsonObject contexts)
        {
            _root["contexts"] = contexts = [];
        }

        if (contexts[context] is not JsonObject settings)
        {
            contexts[context] = settings = [];
        }

        settings[key] = value;
    }

    internal bool Remove(string context)
    {
        if (Current == context)
        {
            _root.Remove("current");
        }

        return Contexts.Remove(context);
    }

    internal void Use(string context) => _root["current"] = context;

    internal void Save() => PrivateFile.Write(_path, YamlText.Of(_root));
}
