using Candlefish.Secrets.Vault.Hcl;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Hcl;

public sealed class HclParserTests
{
    [Fact]
    public void Parse_configurationFile_startsAsItIs()
    {
        var root = HclDocument.Parse("""
            # vault-config.hcl
            listener "tcp" {
              address = "0.0.0.0:8200"
              tls_disable = 1  # comment after a value
            }

            storage "file" {
              path = "/vault/data"
            }

            api_addr = "http://localhost:8200"
            cluster_addr = "http://localhost:8201"
            ui = true
            """).Root;

        var listener = Assert.Single(root.Sections("listener", labels: 1));
        Assert.Equal("tcp", listener.Labels[0]);
        Assert.Equal("0.0.0.0:8200", listener.Value("address")?.AsString());
        Assert.True(listener.Value("tls_disable")?.AsBool());
        Assert.Equal("/vault/data", Assert.Single(root.Sections("storage", 1)).Value("path")?.AsString());
        Assert.Equal("http://localhost:8200", root.Value("api_addr")?.AsString());
        Assert.True(root.Value("ui")?.AsBool());
        Assert.Null(root.Value("disable_mlock"));
    }

    [Fact]
    public void Parse_jsonForm_givesTheSameSections()
    {
        string[] forms =
        [
            "listener \"tcp\" { address = \"a\" }\nlistener \"unix\" { address = \"b\" }",
            """{"listener": {"tcp": {"address": "a"}, "unix": {"address": "b"}}}""",
            """{"listener": [{"tcp": {"address": "a"}}, {"unix": {"address": "b"}}]}""",
            """{"listener": {"tcp": [{"address": "a"}], "unix": [{"address": "b"}]}}""",
            "listener = [{ tcp = { address = \"a\" } }, { unix { address = \"b\" } }]",
            "listener { tcp { address = \"a\" } unix { address = \"b\" } }",
        ];
        Assert.All(forms, form =>
        {
            var sections = HclDocument.Parse(form).Root.Sections("listener", labels: 1);
            Assert.Equal(["tcp", "unix"], sections.Select(section => section.Labels[0]));
            Assert.Equal(["a", "b"], sections.Select(section => section.Value("address")?.AsString()));
        });
    }

    [Theory]
    [InlineData("a = \"x\" # c", "x")]
    [InlineData("a = \"x\" // c", "x")]
    [InlineData("/* c */ a /* d\n e */ = \"x\"", "x")]
    [InlineData("# only\n// comments\na = \"x # no comment\"", "x # no comment")]
    [InlineData("\uFEFFa = \"x\"", "x")]
    [InlineData("\"a\" = \"x\"", "x")]
    [InlineData("a=\"x\"\r\n", "x")]
    [InlineData("""a = "q\" b\\ n\n t\t r\r" """, "q\" b\\ n\n t\t r\r")]
    [InlineData("""a = "\u00e9 \U0001F511 \x41 \101 \a\b\f\v" """, "é 🔑 A A \a\b\f\v")]
    [InlineData("""a = "é 🔑" """, "é 🔑")]
    [InlineData("a = \"${ \"inner\" } x\"", "${ \"inner\" } x")]
    [InlineData("a = \"${ { } \n } x\"", "${ { } \n } x")]
    [InlineData("a = \"$x {y}\"", "$x {y}")]
    [InlineData("a = \"\"", "")]
    [InlineData("a = <<EOT\none\n  two\nEOT\n", "one\n  two\n")]
    [InlineData("a = <<EOT\none\n  EOT\n", "one\n")]
    [InlineData("a = <<EOT\nEOT is not alone here\nEOT", "EOT is not alone here\n")]
    [InlineData("a = <<EOT\nEOT", "")]
    [InlineData("a = <<-EOT\n    one\n      two\n\n    EOT\n", "one\n  two\n\n")]
    [InlineData("a = <<-EOT\n  one\n    EOT\n", "  one\n")]
    [InlineData("a = <<E_1\r\none\r\nE_1\r\n", "one\r\n")]
    [InlineData("a = <<EOT\n\"quotes\" # and marks stay\nEOT", "\"quotes\" # and marks stay\n")]
    public void Parse_string_isDecoded(string text, string expected) =>
        Assert.Equal(expected, HclDocument.Parse(text).Root.Value("a")?.AsString());

    [Theory]
    [InlineData("10", "10")]
    [InlineData("-10", "-10")]
    [InlineData("0", "0")]
    [InlineData("1.5", "1.5")]
    [InlineData("2e3", "2e3")]
    [InlineData("2.5E-3", "2.5E-3")]
    [InlineData("2e+3", "2e+3")]
    [InlineData("0x1F", "31")]
    [InlineData("-0x10", "-16")]
    [InlineData("0600", "384")]
    public void Parse_number_comesOutDecimal(string text, string expected)
    {
        var value = HclDocument.Parse("a = " + text).Root.Value("a");
        Assert.Equal(HclKind.Number, value?.Kind);
        Assert.Equal(expected, value?.Text);
    }

    [Fact]
    public void Parse_listsAndObjects_keepTheirOrder()
    {
        var root = HclDocument.Parse("""
            list = [1, "two", true, [3,], { k = "v" }, ]
            object = { b = 1, a = 2, nested { c = 3 } }
            empty = []
            """).Root;
        Assert.Equal(
            [HclKind.Number, HclKind.String, HclKind.Bool, HclKind.List, HclKind.Object],
            root.Value("list")?.Items.Select(item => item.Kind));
        var block = root.Section("object");
        Assert.Equal(["b", "a"], block?.Attributes.Select(attribute => attribute.Name));
        Assert.Equal(3, block?.Section("nested")?.Value("c")?.AsInteger());
        Assert.Empty(root.Value("empty")?.Items ?? [HclDocument.Parse("x = 1").Root.Value("x")!]); // x is there
        Assert.Equal(new HclPosition(2, 1), block?.Position);
    }

    [Theory]
    [InlineData("a", "line 1, column 2: expected '=', a label or '{' after the name, found the end of the text")]
    [InlineData("a =", "line 1, column 4: expected a value, found the end of the text")]
    [InlineData("a = }", "line 1, column 5: expected a value, found '}'")]
    [InlineData("a = b", "line 1, column 5: expected a value, found a name")]
    [InlineData("a {\n  b = 1\n", "line 3, column 1: expected a name or the end of the block, found the end of the text")]
    [InlineData("a = 1 }", "line 1, column 7: expected a name or the end of the block, found '}'")]
    [InlineData("a = [1 2]", "line 1, column 8: expected ',' or ']' after the list element, found a number")]
    [InlineData("a = [,]", "line 1, column 6: expected a value, found ','")]
    [InlineData("a = 1, b = 2", "line 1, column 6: expected a name or the end of the block, found ','")]
    [InlineData("a = \"hunter2", "line 1, column 5: expected '\"' to end this string on its line")]
    [InlineData("a = \"hunter2\n\"", "line 1, column 5: expected '\"' to end this string on its line")]
    [InlineData("a = \"${ hunter2", "line 1, column 6: expected '}' to end the interpolation that starts here")]
    [InlineData("a = \"\\q\"", "line 1, column 6: expected an escape such as \\n, \\\", \\\\ or \\u00e9")]
    [InlineData("a = \"\\ud800\"", "line 1, column 6: expected an escape such as \\n, \\\", \\\\ or \\u00e9")]
    [InlineData("a = \"\\xff\"", "line 1, column 6: expected an escape such as \\n, \\\", \\\\ or \\u00e9")]
    [InlineData("a = <<EOT\nhunter2\n", "line 1, column 5: expected a line with the marker of this heredoc to end it")]
    [InlineData("a = <<\nEOT", "line 1, column 5: expected a marker of letters, digits and '_' after '<<', then a line end")]
    [InlineData("a = <EOT", "line 1, column 5: expected '<<' and a marker to start a heredoc")]
    [InlineData("a = 12abc", "line 1, column 5: expected a number such as 10, -1.5, 2e3 or 0x1f")]
    [InlineData("a = 1.", "line 1, column 5: expected a number such as 10, -1.5, 2e3 or 0x1f")]
    [InlineData("a = 089", "line 1, column 5: expected a number such as 10, -1.5, 2e3 or 0x1f")]
    [InlineData("a = -", "line 1, column 5: expected a number such as 10, -1.5, 2e3 or 0x1f")]
    [InlineData("a = 0xfffffffffffffffff", "line 1, column 5: expected a number such as 10, -1.5, 2e3 or 0x1f")]
    [InlineData("/* a", "line 1, column 1: expected '*/' to end this comment")]
    [InlineData("/ a", "line 1, column 1: expected a name, a value or a bracket, found a character that starts none")]
    [InlineData("a = 1\na = 2", "line 2, column 1: expected each name at most once in a block, found a duplicate")]
    [InlineData("a = 1\na { }", "line 2, column 1: expected each name at most once in a block, found a duplicate")]
    [InlineData("a { }\na = 1", "line 2, column 1: expected each name at most once in a block, found a duplicate")]
    [InlineData("a = { }\na { }", "line 2, column 1: expected each name at most once in a block, found a duplicate")]
    [InlineData("x { y { a = 1 \"a\" = 2 } }", "line 1, column 15: expected each name at most once in a block, found a duplicate")]
    [InlineData("a = \"\0\"", "line 1, column 1: expected text, found a NUL character in the document")]
    [InlineData("{\"a\": 1,\n \"a\": 2}", "line 2, column 2: expected each name at most once in a block, found a duplicate")]
    [InlineData("{\"a\": {}, \"a\": {}}", "line 1, column 11: expected each name at most once in a block, found a duplicate")]
    [InlineData("{\"a\": null}", "line 1, column 7: expected a value, found null")]
    [InlineData("{\"a\": hunter2}", "line 1, column 7: expected well-formed JSON of at most 32 levels")]
    [InlineData("{\"a\": 1} x", "line 1, column 10: expected well-formed JSON of at most 32 levels")]
    [InlineData("{", "line 1, column 2: expected well-formed JSON of at most 32 levels")]
    [InlineData("{\"a\": \"\\ud800\"}", "line 1, column 7: expected valid Unicode, found half of a surrogate pair in a string")]
    public void Parse_badText_saysWhereAndWhatWasExpected(string text, string message)
    {
        var failure = Assert.Throws<HclException>(() => HclDocument.Parse(text));
        Assert.Equal(message, failure.Message);
        Assert.DoesNotContain("hunter2", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_halfSurrogate_isRefused() =>
        Assert.Throws<HclException>(() => HclDocument.Parse("a = \"\ud83d\""));

    [Theory]
    [InlineData(HclLimits.MaxDepth, true)]
    [InlineData(HclLimits.MaxDepth + 1, false)]
    [InlineData(100_000, false)]
    public void Parse_depth_isBounded(int depth, bool accepted)
    {
        string[] texts =
        [
            string.Concat(Enumerable.Repeat("a {", depth)) + new string('}', depth),
            string.Concat(Enumerable.Repeat("a = {", depth)) + new string('}', depth),
            "a = " + new string('[', depth) + new string(']', depth),
            "{" + string.Concat(Enumerable.Repeat("\"a\":{", depth)) + new string('}', depth + 1),
            "{\"a\":" + new string('[', depth) + new string(']', depth) + "}",
        ];
        Assert.All(texts, text => Assert.Equal(accepted, Parses(text)));
    }

    [Fact]
    public void Parse_sizeAndItems_areBounded()
    {
        var comment = "#" + new string('x', HclLimits.MaxBytes - 1);
        Assert.True(Parses(comment));
        Assert.False(Parses(comment + "x"));
        Assert.False(Parses("#" + new string('é', HclLimits.MaxBytes / 2)));

        var list = "a = [" + string.Concat(Enumerable.Repeat("1,", HclLimits.MaxItems - 1)) + "]";
        Assert.True(Parses(list));
        Assert.False(Parses(list + " b = 1"));
        Assert.False(Parses("a = [" + string.Concat(Enumerable.Repeat("1,", HclLimits.MaxItems)) + "]"));
        Assert.False(Parses("{\"a\":[" + string.Concat(Enumerable.Repeat("1,", HclLimits.MaxItems)) + "1]}"));
        Assert.False(Parses("a 1 2 { }"));
        Assert.False(Parses("a " + string.Concat(Enumerable.Repeat("b ", HclLimits.MaxLabels + 1)) + "{ }"));
    }

    [Theory]
    [InlineData("path { a = 1 }")]
    [InlineData("path = 1")]
    [InlineData("path = [1]")]
    [InlineData("path \"a\" \"b\" { }")]
    public void Sections_somethingElse_isRefused(string text) =>
        Assert.Throws<HclException>(() => HclDocument.Parse(text).Root.Sections("path", labels: 1));

    [Fact]
    public void Value_ofABlock_isRefusedInsteadOfOverlooked()
    {
        var root = HclDocument.Parse("ui { }").Root;
        Assert.Equal("line 1, column 1: expected a value, found a block", Assert.Throws<HclException>(() => root.Value("ui")).Message);
    }

    [Fact]
    public void Section_twice_isRefused() =>
        Assert.Throws<HclException>(() => HclDocument.Parse("seal { }\nseal { }").Root.Section("seal"));

    [Fact]
    public void FirstUnknown_findsAttributesAndBlocks()
    {
        var known = new HashSet<string> { "a" };
        Assert.Null(HclDocument.Parse("a = 1").Root.FirstUnknown(known));
        Assert.Equal(("b", new HclPosition(2, 1)), HclDocument.Parse("a = 1\nb = 2").Root.FirstUnknown(known));
        Assert.Equal(("b", new HclPosition(1, 1)), HclDocument.Parse("b { }").Root.FirstUnknown(known));
    }

    private static bool Parses(string text)
    {
        try
        {
            HclDocument.Parse(text);
            return true;
        }
        catch (HclException)
        {
            return false;
        }
    }
}
