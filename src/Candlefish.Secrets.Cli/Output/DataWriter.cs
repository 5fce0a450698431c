using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Output;

/// <summary>Writes a command's data to stdout in the chosen format. Nothing else of the CLI writes there.</summary>
internal sealed class DataWriter(Stream stream, bool isTerminal, OutputFormat format, string? fieldName, bool reveal, bool ascii)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    internal OutputFormat Format { get; } = format;

    internal bool IsTerminal { get; } = isTerminal;

    /// <summary>Whether a person or a line-oriented script reads the output, not a JSON or YAML reader.</summary>
    internal bool IsForPeople => (Format is OutputFormat.Table or OutputFormat.Tsv) && Field is null;

    /// <summary>Whether values may be shown on a terminal.</summary>
    internal bool Reveal { get; } = reveal;

    /// <summary>The one field asked for with <c>--field</c>.</summary>
    internal string? Field { get; } = fieldName;

    /// <summary>Prints a view.</summary>
    /// <exception cref="CliError">The field asked for does not exist.</exception>
    internal void Write(View view)
    {
        if (Field is not null)
        {
            WriteField(view);
            return;
        }

        Text(Format switch
        {
            OutputFormat.Json => JsonText.Indented(view.Document) + "\n",
            OutputFormat.JsonLines => Lines(view),
            OutputFormat.Yaml => YamlText.Of(view.Document),
            OutputFormat.Env => ShellText.Exports(view.Fields.Count > 0 ? view.Fields[0] : view.Document as JsonObject ?? []),
            OutputFormat.Raw => view.Text ?? JsonText.Compact(view.Raw ?? view.Document),
            OutputFormat.None => "",
            OutputFormat.Tsv => view.Text ?? Tsv(view),
            _ => view.Text ?? TableText.Of(view.Sections, IsTerminal && !Reveal ? (ascii ? TableText.AsciiMask : TableText.Mask) : null),
        });
    }

    /// <summary>Prints one line of result text for people; other formats get nothing, their exit code says it.</summary>
    internal void Line(string text)
    {
        if (IsForPeople)
        {
            Text(text + "\n");
        }
    }

    /// <summary>Prints text as it is, whatever the format.</summary>
    internal void Text(string text)
    {
        stream.Write(Utf8.GetBytes(text));
        stream.Flush();
    }

    /// <summary>Prints an answer that is no JSON, unchanged.</summary>
    internal void Bytes(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        stream.Flush();
    }

    private void WriteField(View view)
    {
        foreach (var fields in view.Fields)
        {
            if (fields.TryGetPropertyValue(Field ?? "", out var value))
            {
                Text((Format is OutputFormat.Json or OutputFormat.JsonLines ? JsonText.Compact(value)
                    : Format == OutputFormat.Yaml ? YamlText.Of(value).TrimEnd('\n')
                    : JsonText.Plain(value)) + (IsTerminal ? "\n" : ""));
                return;
            }
        }

        var known = view.Fields.SelectMany(static f => f.Select(static p => p.Key)).Distinct().ToList();
        throw CliError.Usage(
            $"field \"{Field}\" is not present",
            Suggestion.Nearest(Field ?? "", known) is { } nearest ? $"did you mean \"{nearest}\"?" : "the answer has no field of that name",
            "leave --field out to see the fields");
    }

    private static string Lines(View view) => view.Lines is { } lines
        ? string.Concat(lines.Select(static l => JsonText.Compact(l) + "\n"))
        : JsonText.Compact(view.Document) + "\n";

    private static string Tsv(View view)
    {
        var text = new StringBuilder();
        foreach (var section in view.Sections.Where(static s => !s.TableOnly))
        {
            foreach (var row in section.Rows)
            {
                text.Append(ShellText.Tsv(row)).Append('\n');
            }
        }

        return text.ToString();
    }
}
