using System.Text.Json;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Configuration;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>
/// Reads the data arguments of write commands: <c>key=value</c>, <c>key=@file</c>, <c>key=-</c>
/// (stdin), <c>@file.json</c> and <c>-</c> (a whole object from stdin). As in Vault, a value given
/// twice becomes a list, <c>\@</c> at the start of a value is a plain <c>@</c>, and values stay text.
/// </summary>
internal sealed class KeyValueArguments(CliHost host, Action<string> warn)
{
    private bool _inputUsed;
    private bool _warnedVisible;
    private bool _warnedOpen;

    /// <summary>Builds the object; a bare <c>key</c> without <c>=</c> asks <paramref name="prompt"/> for the value.</summary>
    /// <exception cref="CliError">Not such an argument, an unreadable file or bad JSON.</exception>
    internal JsonObject Parse(IEnumerable<string> arguments, Func<string, string>? prompt = null)
    {
        var result = new JsonObject();
        foreach (var argument in arguments)
        {
            if (argument == "-" || argument.StartsWith('@'))
            {
                foreach (var (key, value) in WholeObject(argument))
                {
                    result[key] = value?.DeepClone();
                }

                continue;
            }

            var equals = argument.IndexOf('=');
            if (equals > 0)
            {
                Add(result, argument[..equals], Value(argument[(equals + 1)..]));
            }
            else if (equals < 0 && prompt is not null)
            {
                Add(result, argument, prompt(argument));
            }
            else
            {
                throw CliError.Usage(
                    "a data argument is not of the form key=value", "it has no '=' after a key name", "use key=value, key=@file, key=- or @file.json");
            }
        }

        return result;
    }

    /// <summary>The text of one value: itself, a file's content or stdin.</summary>
    internal string Value(string written)
    {
        if (written == "-")
        {
            return Input();
        }

        if (written.StartsWith('@'))
        {
            return SecretFile(written[1..]);
        }

        if (!_warnedVisible && written.Length > 0)
        {
            _warnedVisible = true;
            warn("a value on the command line is visible in the shell history and in process lists; use key=- or key=@file for secrets");
        }

        return written.StartsWith("\\@", StringComparison.Ordinal) ? written[1..] : written;
    }

    /// <summary>Reads a text file relative to the working folder.</summary>
    internal string ReadFile(string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(host.WorkingFolder, name));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CliError.Usage($"cannot read the file {name}", exception is FileNotFoundException or DirectoryNotFoundException
                ? "it does not exist"
                : "the system refuses to open it", $"ls -l {name}");
        }
    }

    private string SecretFile(string name)
    {
        var path = Path.GetFullPath(Path.Combine(host.WorkingFolder, name));
        if (!_warnedOpen && File.Exists(path) && !path.StartsWith("/dev/", StringComparison.Ordinal)
            && !path.StartsWith("/proc/", StringComparison.Ordinal) && PrivateFile.IsTooOpen(path))
        {
            _warnedOpen = true;
            warn($"{name} has mode {PrivateFile.Mode(path)}: others can read it; chmod 0600 if it holds a secret");
        }

        return ReadFile(name);
    }

    private static void Add(JsonObject target, string key, string value)
    {
        switch (target[key])
        {
            case null:
                target[key] = value;
                break;
            case JsonArray list:
                list.Add((JsonNode)value);
                break;
            case { } first:
                target.Remove(key);
                target[key] = new JsonArray(first, value);
                break;
        }
    }

    private JsonObject WholeObject(string argument)
    {
        var text = argument == "-" ? Input() : SecretFile(argument[1..]);
        try
        {
            return JsonNode.Parse(text) as JsonObject
                ?? throw CliError.Usage("the data is not a JSON object", $"{argument} holds another kind of JSON", "write {\"key\":\"value\"}");
        }
        catch (JsonException exception)
        {
            throw CliError.Usage(
                "the data is not JSON", $"{argument} is broken at line {exception.LineNumber + 1}", "write {\"key\":\"value\"}");
        }
    }

    private string Input()
    {
        if (_inputUsed)
        {
            throw CliError.Usage("stdin can be used for one value only", "two arguments ask for it", "put the second value into a file: key=@file");
        }

        _inputUsed = true;
        return host.ReadInput();
    }
}
