using System.Runtime.CompilerServices;
using System.Text;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Cli;

/// <summary>
/// Golden transcripts: each file below <c>Transcripts/</c> is a command, the calls it must make, what
/// the server answers, and the exact output. Set <c>CANDLEFISH_WRITE_TRANSCRIPTS=1</c> to write the
/// outputs anew, then read the difference.
/// </summary>
public sealed class TranscriptTests
{
    private static string Folder([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file) ?? "", "Transcripts");

    public static TheoryData<string> Files() =>
        [.. Directory.EnumerateFiles(Folder(), "*.txt", SearchOption.AllDirectories).Select(static f => Path.GetRelativePath(Folder(), f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Transcript_replayed_gives_the_same_calls_output_and_exit_code(string name)
    {
        var path = Path.Combine(Folder(), name);
        var expected = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var actual = await ReplayAsync(expected);
        if (Environment.GetEnvironmentVariable("CANDLEFISH_WRITE_TRANSCRIPTS") == "1")
        {
            await File.WriteAllTextAsync(path, actual, TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Transcripts_exist() => Assert.True(Files().Count >= 20);

    /// <summary>Runs the head of a transcript and returns the whole of it as it should have been.</summary>
    private static async Task<string> ReplayAsync(string transcript)
    {
        var head = transcript.Split("\nexit: ")[0].Split('\n');
        var answers = head.Where(static l => l.StartsWith("< ", StringComparison.Ordinal)).Select(static l =>
        {
            var parts = l[2..].Split(' ', 2);
            return (int.Parse(parts[0]), parts.Length > 1 ? parts[1] : "");
        });
        using var server = new LoopbackServer(answers);
        using var run = new CliRun { Clock = new ManualTimeProvider(DateTimeOffset.Parse("2026-11-25T12:00:00Z")) };
        run.Variables["VAULT_ADDR"] = server.Address;
        run.Variables["VAULT_TOKEN"] = "test-token";
        run.Variables["VAULT_MAX_RETRIES"] = "0";
        var result = new StringBuilder();
        var command = Array.Empty<string>();
        foreach (var line in head)
        {
            if (line == "terminal: yes")
            {
                run.IsTerminal = true;
            }
            else if (line.StartsWith("stdin: ", StringComparison.Ordinal))
            {
                run.Input = line["stdin: ".Length..].Replace("\\n", "\n", StringComparison.Ordinal);
            }
            else if (line.StartsWith("hidden: ", StringComparison.Ordinal))
            {
                run.Hidden.Enqueue(line["hidden: ".Length..]);
            }
            else if (line.StartsWith("env: ", StringComparison.Ordinal))
            {
                var pair = line["env: ".Length..].Split('=', 2);
                run.Variables[pair[0]] = pair[1];
            }
            else if (line.StartsWith("$ ", StringComparison.Ordinal))
            {
                command = Words(line[2..]);
            }
            else
            {
                continue;
            }

            result.Append(line).Append('\n');
        }

        var code = await run.RunAsync(command);
        var scripted = head.Where(static l => l.StartsWith("< ", StringComparison.Ordinal)).ToList();
        for (var i = 0; i < Math.Max(server.Requests.Count, scripted.Count); i++)
        {
            result.Append("> ").Append(i < server.Requests.Count ? server.Requests[i] : "(no call)").Append('\n');
            result.Append(i < scripted.Count ? scripted[i] : "< (no answer scripted)").Append('\n');
        }

        result.Append("exit: ").Append(code).Append('\n');
        result.Append("stdout:\n").Append(Shown(run.Output, server)).Append("stderr:\n").Append(Shown(run.Error, server));
        return result.ToString();
    }

    /// <summary>Output with the random port replaced and a mark where the last line has no newline.</summary>
    private static string Shown(string text, LoopbackServer server)
    {
        text = text.Replace(server.Address, "http://server", StringComparison.Ordinal)
            .Replace(server.Address["http://".Length..], "server", StringComparison.Ordinal);
        return text.Length == 0 || text.EndsWith('\n') ? text : text + "%\n";
    }

    /// <summary>Splits at blanks outside single quotes.</summary>
    private static string[] Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (quoted, any) = (false, false);
        foreach (var c in line)
        {
            if (c == '\'')
            {
                quoted = !quoted;
                any = true;
            }
            else if (c == ' ' && !quoted)
            {
                if (word.Length > 0 || any)
                {
                    words.Add(word.ToString());
                }

                word.Clear();
                any = false;
            }
            else
            {
                word.Append(c);
            }
        }

        if (word.Length > 0 || any)
        {
            words.Add(word.ToString());
        }

        return [.. words];
    }
}
