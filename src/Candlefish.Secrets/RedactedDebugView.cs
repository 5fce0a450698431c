namespace Candlefish.Secrets;

/// <summary>What a debugger shows in place of the members of a secret type.</summary>
internal sealed class RedactedDebugView
{
    public RedactedDebugView(object secret)
    {
        _ = secret;
    }

    public string Content { get; } = "[redacted]";
}
