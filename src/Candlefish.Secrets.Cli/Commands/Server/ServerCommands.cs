using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Server;

/// <summary><c>server</c> and <c>dev</c>: read the flags and start the server in this process.</summary>
internal static class ServerCommands
{
    internal static Command Build(Invoker invoker)
    {
        var config = Args.List("config", "Configuration file or folder (HCL or JSON), may be given several times");
        var dev = Args.Switch("dev", "Development server: in memory, unsealed");
        var rootToken = Args.Text("dev-root-token-id", "Root token of the development server, root by default");
        var listen = Args.Text("dev-listen-address", "Address of the development server, 127.0.0.1:8200 by default");
        var regions = Args.List("aws-regions", "AWS regions the AWS API answers for");
        var level = Args.Text("log-level", "debug, info, warn or error");
        var command = new Command("server", "Run the server") { config, dev, rootToken, listen, regions, level };
        command.SetAction(invoker.Run((cli, parse, cancellation) =>
        {
            var files = Args.Split(parse.GetValue(config));
            if (files.Length == 0 && !parse.GetValue(dev))
            {
                throw CliError.Usage("no configuration is given", "the server needs -config=FILE, or -dev for development", "candlefish-secrets server -config=vault-config.hcl");
            }

            return ServerProcess.RunAsync(
                cli,
                new ServerFlags
                {
                    ConfigFiles = [.. files.Select(f => Path.GetFullPath(Path.Combine(cli.Host.WorkingFolder, f)))],
                    IsDev = parse.GetValue(dev),
                    DevRootToken = parse.GetValue(rootToken),
                    DevListenAddress = parse.GetValue(listen),
                    AwsRegions = Args.Split(parse.GetValue(regions)),
                    LogLevel = parse.GetValue(level),
                },
                cancellation);
        }));
        return command;
    }

    internal static Command BuildDev(Invoker invoker)
    {
        var listen = Args.Text("listen", "HOST:PORT, 127.0.0.1:8200 by default", "--dev-listen-address");
        var rootToken = Args.Text("root-token", "Root token, root by default", "--dev-root-token-id");
        var accessKey = Args.Text("aws-access-key", "Id of an AWS access key with admin rights; else one is generated");
        var secretKey = Args.Text("aws-secret-key", "Its secret");
        var regions = Args.List("aws-regions", "AWS regions the AWS API answers for");
        var compat = Args.Switch("sdk-compat", "Also answer the small development API on port 3001");
        var command = new Command("dev", "Run a development server: in memory, unsealed, KV version 2 at secret/")
        {
            listen, rootToken, accessKey, secretKey, regions, compat,
        };
        command.SetAction(invoker.Run((cli, parse, cancellation) =>
        {
            if (parse.GetValue(accessKey) is null != parse.GetValue(secretKey) is null)
            {
                throw CliError.Usage("--aws-access-key and --aws-secret-key belong together", "only one of them is given", "give both or none");
            }

            return ServerProcess.RunAsync(
                cli,
                new ServerFlags
                {
                    IsDev = true,
                    DevRootToken = parse.GetValue(rootToken),
                    DevListenAddress = parse.GetValue(listen),
                    AwsAccessKeyId = parse.GetValue(accessKey),
                    AwsSecretAccessKey = parse.GetValue(secretKey),
                    AwsRegions = Args.Split(parse.GetValue(regions)),
                    SdkCompat = parse.GetValue(compat),
                },
                cancellation);
        }));
        return command;
    }
}
