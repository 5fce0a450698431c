using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Vault.Hcl;
using Candlefish.Secrets.Vault.Policies;

namespace Candlefish.Secrets.Cli.Commands.Policy;

/// <summary>Answers which capabilities a set of policies has at a path.</summary>
internal interface IPolicyEvaluator : IAsyncDisposable
{
    /// <summary>Words such as <c>read</c>; <c>deny</c> alone for none, <c>root</c> for all.</summary>
    Task<IReadOnlyCollection<string>> CapabilitiesAsync(string[] policies, string path, CancellationToken cancellation);
}

/// <summary>Asks the server, with a token of one minute per set of policies that is revoked at the end.</summary>
internal sealed class ServerPolicyEvaluator(CliContext cli) : IPolicyEvaluator
{
    private readonly Dictionary<string, string> _tokens = new(StringComparer.Ordinal);

    public async Task<IReadOnlyCollection<string>> CapabilitiesAsync(string[] policies, string path, CancellationToken cancellation)
    {
        var key = string.Join(',', policies.Order(StringComparer.Ordinal));
        if (!_tokens.TryGetValue(key, out var token))
        {
            var body = new JsonObject
            {
                ["policies"] = new JsonArray([.. policies.Select(static p => (JsonNode?)p)]),
                ["no_default_policy"] = true,
                ["ttl"] = "60s",
                ["renewable"] = false,
                ["display_name"] = "policy-test",
            };
            var reply = await cli.Server.WriteAsync("auth/token/create", body, cancellation);
            _tokens[key] = token = reply.Auth?["client_token"]?.ToString() ?? "";
        }

        var answer = await cli.Server.WriteAsync(
            "sys/capabilities", new JsonObject { ["token"] = token, ["paths"] = new JsonArray((JsonNode)path) }, cancellation);
        return [.. (answer.Data["capabilities"] as JsonArray ?? []).Select(static c => c?.ToString() ?? "")];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var token in _tokens.Values)
        {
            try
            {
                await cli.Server.WriteAsync("auth/token/revoke", new JsonObject { ["token"] = token }, CancellationToken.None);
            }
            catch (CliError)
            {
                cli.Messages.Warn("a token of this test could not be revoked; it ends by itself within a minute");
            }
        }
    }
}

/// <summary>Evaluates policy files with the server's own engine, without a server.</summary>
internal sealed class FilePolicyEvaluator : IPolicyEvaluator
{
    private readonly Dictionary<string, Vault.Policies.Policy> _policies = new(StringComparer.Ordinal);
    private readonly TimeProvider _clock;

    /// <summary>Reads the files: each holds one plain policy named like the file, or wrapped ones with their own names.</summary>
    /// <exception cref="CliError">A file is no policy.</exception>
    internal FilePolicyEvaluator(CliContext cli, IEnumerable<string> files)
    {
        _clock = cli.Host.Clock;
        foreach (var file in files)
        {
            var text = cli.Data().ReadFile(file);
            try
            {
                var wrapped = HclDocument.Parse(text).Root.Sections("policy", labels: 1).Select(static b => b.Labels[0]).ToList();
                foreach (var name in wrapped.Count > 0 ? wrapped : [Path.GetFileNameWithoutExtension(file)])
                {
                    var policy = PolicyParser.Parse(name, text);
                    _policies[policy.Name] = policy;
                }
            }
            catch (Exception exception) when (exception is HclException or PolicyException)
            {
                throw CliError.Usage($"{file} is not a policy: {exception.Message}", "it does not parse", $"correct {file}");
            }
        }
    }

    public Task<IReadOnlyCollection<string>> CapabilitiesAsync(string[] policies, string path, CancellationToken cancellation)
    {
        var chosen = policies.Select(name => _policies.TryGetValue(name.ToLowerInvariant(), out var policy) ? policy : throw CliError.Usage(
            $"the policy {name} is in none of the files",
            Suggestion.Nearest(name, _policies.Keys) is { } nearest ? $"did you mean {nearest}?" : "they hold " + string.Join(", ", _policies.Keys),
            "name its file: --file FILE"));
        var capabilities = Acl.Compile(chosen, values: null).CapabilitiesOf(path, _clock.GetUtcNow());
        IReadOnlyCollection<string> words = [.. CapabilityNames.All.Where(w => CapabilityNames.TryParse(w, out var c) && capabilities.HasFlag(c))];
        return Task.FromResult(words);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
