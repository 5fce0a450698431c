using System.Text;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>The end of one device's chain: what the next line is tied to. One writer.</summary>
internal sealed class AuditChain
{
    private readonly byte[] _id;
    private readonly byte[] _head;

    public AuditChain(string id, long sequence, string head)
    {
        Id = id;
        _id = Encoding.ASCII.GetBytes(id);
        Sequence = sequence;
        _head = Encoding.ASCII.GetBytes(head);
    }

    public string Id { get; }

    /// <summary>Sequence number of the last line; 0 before the first.</summary>
    public long Sequence { get; private set; }

    /// <summary>Hash of the last line, hex.</summary>
    public string Head => Encoding.ASCII.GetString(_head);

    /// <summary>A chain without lines.</summary>
    public static AuditChain Begin() => new(Requests.RandomText.Uuid(), 0, ChainLine.Zeros);

    /// <summary>Ties the entry that <paramref name="buffer"/> ends with (an object without its last brace) to the chain.</summary>
    public void Close(AuditBuffer buffer, int lineStart)
    {
        ChainLine.Close(buffer, lineStart, _id, ++Sequence, _head);
        buffer.Append("}\n"u8);
    }

    /// <summary>Ends a line as <see cref="Close"/> does, and signs it.</summary>
    public void CloseSigned(AuditBuffer buffer, int lineStart, AuditSigner signer)
    {
        ChainLine.Close(buffer, lineStart, _id, ++Sequence, _head);
        buffer.Append(ChainLine.SignatureMember);
        buffer.AppendHex(signer.Sign(_head));
        buffer.Append("\"}\n"u8);
    }

    public AuditChain Copy() => new(Id, Sequence, Head);
}
