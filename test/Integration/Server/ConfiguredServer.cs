using Candlefish.Secrets.Server;
using Candlefish.Secrets.Tests.Support;

namespace Candlefish.Secrets.Tests.Integration.Server;

/// <summary>A server started from configuration text in a folder of its own. Not initialized.</summary>
internal sealed class ConfiguredServer : IAsyncDisposable
{
    private readonly StringWriter _log;
    private readonly TemporaryDirectory _directory;

    private ConfiguredServer(RunningServer server, StringWriter log, TemporaryDirectory directory)
    {
        Server = server;
        _log = log;
        _directory = directory;
    }

    public RunningServer Server { get; }

    public string Log => _log.ToString();

    /// <summary>Starts with the text as <c>server.hcl</c>; <c>$DIR</c> stands for the folder, which <paramref name="directory"/> may bring along.</summary>
    public static async Task<ConfiguredServer> StartAsync(string configuration, TemporaryDirectory? directory = null, TimeProvider? time = null, params (string, string)[] environment)
    {
        directory ??= new TemporaryDirectory();
        var log = new StringWriter();
        ServerStart start = StartOf(configuration, directory, time, TextWriter.Synchronized(log), environment);
        try
        {
            return new ConfiguredServer(await ServerHost.StartAsync(start, CancellationToken.None), log, directory);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    public static ServerStart StartOf(string configuration, TemporaryDirectory directory, TimeProvider? time = null, TextWriter? log = null, params (string Name, string Value)[] environment)
    {
        string file = directory[configuration.TrimStart().StartsWith('{') ? "server.json" : "server.hcl"];
        File.WriteAllText(file, configuration.Replace("$DIR", directory.Path, StringComparison.Ordinal));
        return new ServerStart
        {
            ConfigurationPaths = [file],
            WorkingDirectory = directory.Path,
            Environment = name => environment.FirstOrDefault(e => e.Name == name).Value,
            Time = time ?? TimeProvider.System,
            Output = TextWriter.Null,
            Error = log ?? TextWriter.Null,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await Server.StopAsync();
        _directory.Dispose();
    }
}
