namespace Candlefish.Secrets.Client;

/// <summary>Why no answer came.</summary>
public enum ConnectionFailure
{
    /// <summary>Nobody listens at that address.</summary>
    Refused,

    /// <summary>No answer within the bound.</summary>
    Timeout,

    /// <summary>The host name does not resolve.</summary>
    NameResolution,

    /// <summary>No trusted TLS session could be made.</summary>
    Tls,

    /// <summary>The connection broke or was no HTTP.</summary>
    Broken,
}

/// <summary>The server could not be reached. The message never holds a header, body or query value.</summary>
public sealed class VaultConnectionException : Exception
{
    /// <summary>Makes the exception for one of the failures.</summary>
    public VaultConnectionException(ConnectionFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    /// <summary>What went wrong, for a caller that wants to react.</summary>
    public ConnectionFailure Failure { get; }
}
