using System.Text.Json.Nodes;
using Candlefish.Secrets.Server;
using Candlefish.Secrets.Tests.Support;

namespace Candlefish.Secrets.Tests.Integration.Cli;

/// <summary>A development server and the command line pointed at it.</summary>
internal sealed class CliServer : IAsyncDisposable
{
    private readonly RunningServer _server;

    private CliServer(RunningServer server, CliRun cli)
    {
        _server = server;
        Cli = cli;
    }

    internal CliRun Cli { get; }

    internal string Address => _server.Addresses[0].ToString().TrimEnd('/');

    internal static async Task<CliServer> StartAsync()
    {
        var cli = new CliRun();
        var server = new CliServer(await ServerHost.StartAsync(
            new ServerStart
            {
                WorkingDirectory = cli.Work,
                Development = new DevelopmentOptions { ListenAddress = "127.0.0.1:0", RootToken = "test-root" },
                Output = TextWriter.Null,
                Error = TextWriter.Null,
                Environment = static _ => null,
            },
            CancellationToken.None), cli);
        server.Cli.Variables["VAULT_ADDR"] = server.Address;
        server.Cli.Variables["VAULT_TOKEN"] = "test-root";
        return server;
    }

    /// <summary>Runs a command that must succeed and returns its output.</summary>
    internal async Task<string> OkAsync(string arguments)
    {
        var code = await Cli.RunAsync(arguments.Split(' '));
        Xunit.Assert.True(code == 0, $"{arguments}: exit code {code}\n{Cli.Output}{Cli.Error}");
        return Cli.Output;
    }

    /// <summary>Runs a command that must succeed, with input, and returns its output.</summary>
    internal Task<string> OkAsync(string arguments, string input)
    {
        Cli.Input = input;
        return OkAsync(arguments);
    }

    internal async Task<JsonNode> JsonAsync(string arguments) =>
        JsonNode.Parse(await OkAsync(arguments + " -format=json")) ?? throw new InvalidOperationException("no JSON");

    /// <summary>Runs a command and returns its exit code.</summary>
    internal Task<int> CodeAsync(string arguments) => Cli.RunAsync(arguments.Split(' '));

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        Cli.Dispose();
    }
}
