using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Globalization;

namespace Candlefish.Secrets.Tests.Unit.Secrets;

/// <summary>Every line that the library writes to its event source while this object lives, of all threads.</summary>
internal sealed class LogCapture : EventListener
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => [.. _lines];

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == SecretsEventSource.SourceName)
        {
            EnableEvents(eventSource, EventLevel.Verbose);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        object?[] payload = eventData.Payload is null ? [] : [.. eventData.Payload];
        _lines?.Enqueue(string.Format(CultureInfo.InvariantCulture, eventData.Message ?? "", payload));
    }
}
