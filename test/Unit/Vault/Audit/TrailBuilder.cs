using System.Text;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Audit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Audit;

/// <summary>Builds a small trail with the same code that the devices' writer uses.</summary>
internal sealed class TrailBuilder : IDisposable
{
    private readonly AuditBuffer _buffer = new();
    private readonly ManualTimeProvider _time = new();

    public AuditSigner Signer { get; } = AuditSigner.FromPrivateKey(AuditSigner.CreatePrivateKey());

    public AuditChain Chain { get; private set; } = AuditChain.Begin();

    public byte[] Bytes => _buffer.Written.ToArray();

    public TrailBuilder Start() => Note(new ChainNote("start", Signer.PublicKey, 0, "", 0, 0, 0)).Checkpoint("start");

    public TrailBuilder Entry(string path)
    {
        int start = _buffer.Length;
        _buffer.Append(Encoding.UTF8.GetBytes($$$"""{"time":"2026-01-01T00:00:00.0000000Z","type":"response","request":{"path":"{{{path}}}","data":{"a":["hmac-sha256:00",null]}}"""));
        Chain.Close(_buffer, start);
        return this;
    }

    public TrailBuilder Checkpoint(string reason = "interval")
    {
        int start = _buffer.Length;
        TrailLine.WriteCheckpoint(_buffer, _time.GetUtcNow(), reason, Signer);
        Chain.CloseSigned(_buffer, start, Signer);
        return this;
    }

    public TrailBuilder Note(ChainNote note)
    {
        int start = _buffer.Length;
        TrailLine.Write(_buffer, _time.GetUtcNow(), note);
        Chain.Close(_buffer, start);
        return this;
    }

    public TrailBuilder Raw(string text)
    {
        _buffer.Append(Encoding.UTF8.GetBytes(text));
        return this;
    }

    /// <summary>Forgets lines that were written: what a power loss between two devices may do.</summary>
    public TrailBuilder Lose(int lines)
    {
        var lost = new AuditBuffer();
        for (int i = 0; i < lines; i++)
        {
            int start = lost.Length;
            lost.Append("{\"time\":\"2026-01-01T00:00:00Z\",\"type\":\"event\""u8);
            Chain.Close(lost, start);
        }
        return this;
    }

    public TrailBuilder NewChain()
    {
        Chain = AuditChain.Begin();
        return this;
    }

    public AuditVerifyResult Verify(AuditVerifyOptions? options = null) => Check(Bytes, options);

    public static AuditVerifyResult Check(byte[] trail, AuditVerifyOptions? options = null)
    {
        using var stream = new MemoryStream(trail);
        return AuditVerifier.Verify(stream, "audit.log", options ?? new AuditVerifyOptions());
    }

    public void Dispose() => Signer.Dispose();
}
