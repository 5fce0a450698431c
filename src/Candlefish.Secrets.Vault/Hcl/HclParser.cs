namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>
/// Builds the tree of native HCL 1 by recursive descent with a bounded depth.
/// </summary>
/// <remarks>
/// <code>
/// body  = { item [ "," ] }
/// item  = name "=" ( value | "{" body "}" ) | name { label } "{" body "}"
/// value = string | heredoc | number | "true" | "false" | "[" [ value { "," value } [ "," ] ] "]" | "{" body "}"
/// name  = label = identifier | string
/// </code>
/// A name is set once in its block; blocks of one type may repeat.
/// </remarks>
internal sealed class HclParser
{
    private readonly HclLexer _lexer;
    private readonly HclItemCounter _items = new();
    private HclToken _current;

    private HclParser(string text)
    {
        _lexer = new HclLexer(text);
        _current = _lexer.Next();
    }

    public static HclBlock Parse(string text)
    {
        var parser = new HclParser(text);
        return parser.Body("", [], parser._current.Position, HclTokenKind.End, depth: 0);
    }

    private HclBlock Body(string type, IReadOnlyList<string> labels, HclPosition start, HclTokenKind end, int depth)
    {
        var attributes = new List<HclAttribute>();
        var blocks = new List<HclBlock>();
        var names = new HclNames();
        while (_current.Kind != end)
        {
            var name = Name("expected a name or the end of the block");
            _items.Count(name.Position);
            if (_current.Kind != HclTokenKind.Assign)
            {
                names.AddBlock(name.Text, name.Position);
                blocks.Add(LabelledBlock(name, depth + 1));
            }
            else
            {
                names.AddAssigned(name.Text, name.Position);
                Take();
                if (_current.Kind == HclTokenKind.LeftBrace)
                {
                    blocks.Add(Braces(name.Text, [], name.Position, depth + 1));
                }
                else
                {
                    attributes.Add(new HclAttribute(name.Text, Value(depth + 1), name.Position));
                }
            }

            if (_current.Kind == HclTokenKind.Comma && end == HclTokenKind.RightBrace)
            {
                Take();
            }
        }

        return new HclBlock(type, labels, start, attributes, blocks);
    }

    private HclBlock LabelledBlock(HclToken name, int depth)
    {
        var labels = new List<string>();
        while (_current.Kind != HclTokenKind.LeftBrace)
        {
            labels.Add(Name("expected '=', a label or '{' after the name").Text);
            if (labels.Count > HclLimits.MaxLabels)
            {
                throw new HclException(name.Position, $"expected at most {HclLimits.MaxLabels} labels");
            }
        }

        return Braces(name.Text, labels, name.Position, depth);
    }

    private HclBlock Braces(string type, IReadOnlyList<string> labels, HclPosition position, int depth)
    {
        HclItemCounter.CheckDepth(depth, position);
        Take();
        var block = Body(type, labels, position, HclTokenKind.RightBrace, depth);
        Take();
        return block;
    }

    private HclValue Value(int depth)
    {
        var token = _current;
        switch (token.Kind)
        {
            case HclTokenKind.String or HclTokenKind.Heredoc:
                Take();
                return HclValue.String(token.Text, token.Position);
            case HclTokenKind.Number:
                Take();
                return HclValue.Number(token.Text, token.Position);
            case HclTokenKind.Bool:
                Take();
                return HclValue.Bool(token.Text == "true", token.Position);
            case HclTokenKind.LeftBracket:
                return List(token.Position, depth);
            case HclTokenKind.LeftBrace:
                return HclValue.Object(Braces("", [], token.Position, depth), token.Position);
            default:
                throw Expected("expected a value");
        }
    }

    private HclValue List(HclPosition position, int depth)
    {
        HclItemCounter.CheckDepth(depth, position);
        Take();
        var items = new List<HclValue>();
        while (_current.Kind != HclTokenKind.RightBracket)
        {
            _items.Count(_current.Position);
            items.Add(Value(depth + 1));
            if (_current.Kind == HclTokenKind.Comma)
            {
                Take();
            }
            else if (_current.Kind != HclTokenKind.RightBracket)
            {
                throw Expected("expected ',' or ']' after the list element");
            }
        }

        Take();
        return HclValue.List(items, position);
    }

    private HclToken Name(string expected) =>
        _current.Kind is HclTokenKind.Identifier or HclTokenKind.String ? Take() : throw Expected(expected);

    private HclToken Take()
    {
        var taken = _current;
        _current = _lexer.Next();
        return taken;
    }

    private HclException Expected(string expected) => new(_current.Position, $"{expected}, found {_current.KindName}");
}
