using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Raw;

/// <summary><c>read</c>: GET of any API path. <c>--field</c> also looks inside the data of a version 2 secret.</summary>
internal static class ReadCommand
{
    internal static Command Build(Invoker invoker)
    {
        var path = Args.Required("path", "API path, for example secret/data/app");
        var data = Args.Many("query", "key=value sent as query parameters");
        var command = new Command("read", "Read any API path") { path, data };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var place = parse.GetRequiredValue(path).Trim('/');
            var query = Args.Pairs("query", parse.GetValue(data)).ToArray();
            var reply = await cli.Server.TryReadAsync(place, cancellation, query)
                ?? throw new CliError(ExitCode.NotFound, $"no value found at {place}", "the path holds no value, or was deleted", $"candlefish-secrets list {Parent(place)}");
            if (reply.Raw.Status == 404 && cli.Output.Field is not null)
            {
                throw new CliError(ExitCode.NotFound, $"no value found at {place}", "the version is deleted or destroyed", $"candlefish-secrets kv history {place.Replace("/data/", "/", StringComparison.Ordinal)}");
            }

            if (!reply.IsJson)
            {
                cli.Output.Bytes(reply.Raw.Body.Span);
                return ExitCode.Ok;
            }

            cli.Output.Write(ViewOf(reply, HoldsSecrets(place)));
            return reply.Raw.Status == 404 ? ExitCode.NotFound : ExitCode.Ok;
        }));
        return command;
    }

    /// <summary>
    /// A system answer without an envelope is shown by its own keys. Decision K9: fields are looked for in the
    /// data, then in the inner data, and <c>value</c> stands for the whole inner data as compact JSON.
    /// </summary>
    internal static View ViewOf(ApiReply reply, bool isSecret)
    {
        var envelope = reply.Body.ContainsKey("request_id") ? reply.Body : new JsonObject { ["data"] = reply.Body.DeepClone() };
        var view = SecretView.Of(envelope, isSecret);
        if (reply.Data["data"] is JsonObject inner && reply.Data["metadata"] is JsonObject)
        {
            view = view with
            {
                Fields = [.. view.Fields, inner, new JsonObject { ["value"] = inner.DeepClone() }],
            };
        }

        return ReferenceEquals(envelope, reply.Body) ? view : view with { Document = reply.Body };
    }

    private static bool HoldsSecrets(string path) =>
        !path.StartsWith("sys/", StringComparison.Ordinal) && !path.StartsWith("auth/", StringComparison.Ordinal) && !path.StartsWith("identity/", StringComparison.Ordinal);

    private static string Parent(string path) => path.LastIndexOf('/') is > 0 and var slash
        ? path[..(slash + 1)].Replace("/data/", "/metadata/", StringComparison.Ordinal)
        : path;
}
