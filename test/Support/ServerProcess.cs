using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Candlefish.Secrets.Tests.Support;

/// <summary>The real executable as a child process.</summary>
public sealed class ServerProcess : IDisposable
{
    private const int SigHup = 1;
    private const int SigTerm = 15;
    private const int SigInt = 2;

    private readonly Process _process;
    private readonly StringBuilder _log = new();

    private ServerProcess(Process process) => _process = process;

    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public static string Executable => Path.Join(AppContext.BaseDirectory, "candlefish-secrets");

    /// <summary>Starts <c>candlefish-secrets ARGUMENTS</c> and waits for a log line.</summary>
    public static async Task<ServerProcess> StartAsync(string workingDirectory, string waitFor, params string[] arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = workingDirectory };
        var server = new ServerProcess(Process.Start(start) ?? throw new InvalidOperationException("the server did not start"));
        server._process.ErrorDataReceived += (_, line) => server.Append(line.Data);
        server._process.OutputDataReceived += (_, line) => server.Append(line.Data);
        server._process.BeginErrorReadLine();
        server._process.BeginOutputReadLine();
        await server.WaitForAsync(waitFor);
        return server;
    }

    public async Task WaitForAsync(string text)
    {
        for (int i = 0; i < 1_000 && !Log.Contains(text, StringComparison.Ordinal); i++)
        {
            if (_process.HasExited)
            {
                // Returns when the last line was read.
                await _process.WaitForExitAsync();
                break;
            }
            await Task.Delay(20);
        }
        if (!Log.Contains(text, StringComparison.Ordinal))
            throw new InvalidOperationException($"'{text}' did not show up in:\n{Log}");
    }

    /// <summary>The address that a development server printed.</summary>
    public Uri AnnouncedAddress()
    {
        string line = Log.Split('\n').First(l => l.StartsWith("Api Address: ", StringComparison.Ordinal));
        return new Uri(line["Api Address: ".Length..].Trim() + "/");
    }

    /// <summary><c>VmRSS</c> (now) or <c>VmHWM</c> (the most there ever was) of /proc.</summary>
    public long MemoryBytes(string name)
    {
        string line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length + 1).Trim().TrimEnd(" kB"), System.Globalization.CultureInfo.InvariantCulture) * 1024;
    }

    public void Terminate() => Kill(_process.Id, SigTerm);

    public void Interrupt() => Kill(_process.Id, SigInt);

    public void HangUp() => Kill(_process.Id, SigHup);

    /// <summary>The exit code, or <see langword="null"/> when the process still runs after the time.</summary>
    public async Task<int?> ExitAsync(TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private void Append(string? line)
    {
        lock (_log)
            _log.AppendLine(line);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}
