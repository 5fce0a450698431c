using System.Net.Sockets;
using System.Security.Authentication;

namespace Candlefish.Secrets.Client;

/// <summary>Refused, timeout, name resolution and TLS are four different messages, because they have four different remedies.</summary>
internal static class FailureText
{
    internal static VaultConnectionException From(HttpRequestException exception, Uri address)
    {
        var target = $"{address.Host}:{address.Port}";
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationException:
                    return new(ConnectionFailure.Tls, $"TLS with {target} failed: {cause.Message}", exception);
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return new(ConnectionFailure.NameResolution, $"The host name {address.Host} does not resolve.", exception);
                case SocketException { SocketErrorCode: SocketError.TimedOut }:
                case TimeoutException:
                    return new(ConnectionFailure.Timeout, $"Connecting to {target} timed out.", exception);
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostUnreachable or SocketError.NetworkUnreachable }:
                    return new(ConnectionFailure.Refused, $"Connection refused by {target}.", exception);
            }
        }

        return exception.HttpRequestError == HttpRequestError.SecureConnectionError
            ? new(ConnectionFailure.Tls, $"TLS with {target} failed.", exception)
            : new(ConnectionFailure.Broken, $"The connection to {target} broke before an answer came ({exception.HttpRequestError}).", exception);
    }
}
