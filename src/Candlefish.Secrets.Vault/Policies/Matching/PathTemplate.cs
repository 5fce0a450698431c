using System.Text;

namespace Candlefish.Secrets.Vault.Policies.Matching;

/// <summary>
/// A path with <c>{{identity…}}</c> expressions, parsed once and filled per token.
/// </summary>
/// <remarks>
/// A value that is missing, empty, or that holds a slash, a star or a plus cannot be filled in: the whole rule falls
/// away, because such a value would change which other paths the pattern reaches.
/// </remarks>
internal sealed class PathTemplate
{
    private readonly IReadOnlyList<(string Literal, TemplateExpression? Expression)> _parts;

    private PathTemplate(IReadOnlyList<(string, TemplateExpression?)> parts) => _parts = parts;

    /// <summary>
    /// Parses a path. Gives <see langword="null"/> and no problem for a path without expressions; a problem for braces
    /// that do not pair and for expressions that name nothing.
    /// </summary>
    public static PathTemplate? Parse(string path, out string? problem)
    {
        problem = null;
        var parts = new List<(string, TemplateExpression?)>();
        var rest = path.AsSpan();
        for (var open = rest.IndexOf("{{"); open >= 0; open = rest.IndexOf("{{"))
        {
            var close = rest[open..].IndexOf("}}");
            if (close < 0 || rest[..open].Contains("}}", StringComparison.Ordinal))
            {
                problem = "template braces '{{' and '}}' do not pair";
                return null;
            }

            var expression = TemplateExpression.Parse(rest.Slice(open + 2, close - 2).Trim());
            if (expression is null)
            {
                problem = "template names nothing: use identity.entity.{id,name,metadata.KEY}, "
                    + "identity.entity.aliases.ACCESSOR.{id,name,metadata.KEY,custom_metadata.KEY} "
                    + "or identity.groups.{ids,names}.GROUP.{id,name,metadata.KEY}";
                return null;
            }

            parts.Add((rest[..open].ToString(), expression));
            rest = rest[(open + close + 2)..];
        }

        if (rest.Contains("}}", StringComparison.Ordinal))
        {
            problem = "template braces '{{' and '}}' do not pair";
            return null;
        }

        parts.Add((rest.ToString(), null));
        return parts.Count > 1 ? new PathTemplate(parts) : null;
    }

    /// <summary>The path for one entity; <see langword="null"/> when an expression cannot be filled.</summary>
    public string? Fill(IdentityTemplateValues? values)
    {
        if (values is null)
        {
            return null;
        }

        var path = new StringBuilder();
        foreach (var (literal, expression) in _parts)
        {
            path.Append(literal);
            if (expression is null)
            {
                continue;
            }

            var value = expression.Resolve(values);
            if (string.IsNullOrEmpty(value) || value.AsSpan().ContainsAny('/', '*', '+'))
            {
                return null;
            }

            path.Append(value);
        }

        return path.ToString();
    }
}
