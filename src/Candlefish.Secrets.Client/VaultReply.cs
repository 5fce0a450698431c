using System.Text.Json;

namespace Candlefish.Secrets.Client;

/// <summary>
/// An answer of the server, whatever its status: an error status is a value, not an exception.
/// <see cref="Body"/> may hold secrets.
/// </summary>
public sealed class VaultReply
{
    internal VaultReply(int status, byte[] body, string? requestId, DateTimeOffset? date)
    {
        Status = status;
        Body = body;
        RequestId = requestId;
        Date = date;
    }

    /// <summary>HTTP status.</summary>
    public int Status { get; }

    /// <summary>The raw body, usually UTF-8 JSON; empty for 204.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Id the server gave the request in a header, if it did.</summary>
    public string? RequestId { get; }

    /// <summary>The server's clock when it answered, if it said so.</summary>
    public DateTimeOffset? Date { get; }

    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The texts of <c>{"errors":[…]}</c>; empty when there are none or the body is no such object.</summary>
    public IReadOnlyList<string> Errors()
    {
        var texts = new List<string>();
        if (IsSuccess || Body.IsEmpty)
        {
            return texts;
        }

        try
        {
            using var document = JsonDocument.Parse(Body);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("errors", out var errors)
                && errors.ValueKind == JsonValueKind.Array)
            {
                foreach (var error in errors.EnumerateArray())
                {
                    if (error.ValueKind == JsonValueKind.String)
                    {
                        texts.Add(error.ToString());
                    }
                }
            }
        }
        catch (JsonException)
        {
            // A proxy's HTML page, for instance: the status is all there is to tell.
            return texts;
        }

        return texts;
    }
}
