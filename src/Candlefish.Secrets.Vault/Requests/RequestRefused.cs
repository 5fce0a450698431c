namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// Ends the handling of a request with a client error. The one exception that is an expected outcome: parsing a field
/// three calls deep may end the request without every level passing the error on. Caught only by the pipeline.
/// </summary>
/// <param name="status">A 4xx status.</param>
/// <param name="message">One sentence for the client: what, why, the next step; never a value.</param>
public sealed class RequestRefused(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    public static RequestRefused BadRequest(string message) => new(400, message);
}
