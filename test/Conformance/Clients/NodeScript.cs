using System.Diagnostics;
using System.Text.Json;
using Candlefish.Secrets.Tests.Support;

namespace Candlefish.Secrets.Tests.Conformance.Clients;

/// <summary>A script of <c>test/Conformance/clients</c>: Node runs it once, each of its checks prints one line of JSON.</summary>
internal static class NodeScript
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static string Folder => RepositoryRoot.Join("test", "Conformance", "clients");

    /// <summary>Why the scripts cannot run here, or <see langword="null"/>.</summary>
    public static string? Missing =>
        !HasNode() ? "Node is not installed: install nodejs, or let ./test.sh do it"
        : !Directory.Exists(Path.Join(Folder, "node_modules")) ? "The npm clients are not installed: run 'npm ci' in test/Conformance/clients, or let ./test.sh do it"
        : null;

    /// <summary>Each check by its name: empty = well, else what was wrong.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> RunAsync(string script, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("node", [script]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string inherited in start.Environment.Keys.Where(k => k.StartsWith("VAULT_", StringComparison.Ordinal) || k.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(inherited);
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process node = Process.Start(start) ?? throw new InvalidOperationException("node did not start");
        Task<string> error = node.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        var results = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            while (await node.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                using JsonDocument check = JsonDocument.Parse(line);
                string detail = check.RootElement.GetProperty("detail").GetString() ?? "";
                bool isOk = check.RootElement.GetProperty("ok").GetBoolean();
                results.Add(check.RootElement.GetProperty("name").GetString() ?? "", isOk ? "" : detail.Length > 0 ? detail : "failed without a word");
            }
            await node.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!node.HasExited)
                node.Kill();
        }
        if (node.ExitCode != 0)
            throw new InvalidOperationException($"{script} ended with {node.ExitCode}:\n{await error}");
        return results;
    }

    private static bool HasNode() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Join(folder, "node")));
}
