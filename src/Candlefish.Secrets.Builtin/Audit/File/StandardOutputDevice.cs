using Candlefish.Secrets.Vault.Audit;

namespace Candlefish.Secrets.Builtin.Audit.File;

/// <summary>Writes lines to the standard output of the server, for containers whose platform collects it.</summary>
internal sealed class StandardOutputDevice : IAuditDevice
{
    private readonly Stream _output = Console.OpenStandardOutput();

    public string Type => "file";

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        await _output.WriteAsync(lines, cancellation);
        await _output.FlushAsync(cancellation);
    }

    public ValueTask ReopenAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _output.DisposeAsync();
}
