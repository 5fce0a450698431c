using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>Turns an error answer or a failed connection into the exit code and the four lines.</summary>
internal static class ReplyErrors
{
    /// <summary>Texts of the API that mean "the state does not allow it" although the status is 400.</summary>
    private static readonly string[] ConflictTexts =
    [
        "check-and-set", "already in use", "already initialized", "already exists", "already in progress", "is already enabled",
    ];

    /// <param name="call">The call that failed.</param>
    /// <param name="reply">Its answer.</param>
    /// <param name="policies">Names of the token's policies, null when unknown.</param>
    /// <param name="hasToken">Whether a token was sent.</param>
    internal static CliError From(VaultCall call, VaultReply reply, string? policies, bool hasToken)
    {
        var errors = reply.Errors();
        var text = string.Join("; ", errors.Select(Flat));
        var verb = Verb(call);
        CliError Make(int code, string what, string? why, string next) =>
            new(code, what, why, next) { RequestId = reply.RequestId, Status = reply.Status };

        switch (reply.Status)
        {
            case 403 when !hasToken:
                return Make(ExitCode.NotLoggedIn, $"not logged in: {verb} {call.Path} needs a token", "no token was sent", "candlefish-secrets login");
            case 403 when errors.Any(static e => e.Contains("invalid token", StringComparison.Ordinal)) || policies is "":
                return Make(ExitCode.NotLoggedIn, $"invalid token: {verb} {call.Path} refused", "the token is unknown to the server, expired or revoked", "candlefish-secrets login");
            case 403:
                return Make(
                    ExitCode.Denied,
                    $"permission denied {verb} {call.Path}",
                    policies is null ? text : $"token (policies {policies}) has no rule for this path" + (text.Contains("preflight", StringComparison.Ordinal) ? ", or nothing is mounted there" : ""),
                    $"candlefish-secrets token capabilities {call.Path}   or ask the owner of the path");
            case 404:
                return Make(
                    ExitCode.NotFound,
                    errors.Count == 0 ? $"nothing found at {call.Path}" : text,
                    errors.Count == 0 ? "the path holds no value, or was deleted" : "the server has no such route",
                    errors.Count == 0 ? $"candlefish-secrets list {Parent(call.Path)}" : "candlefish-secrets secrets list");
            case 503 when errors.Any(static e => e.Contains("sealed", StringComparison.OrdinalIgnoreCase)):
                return Make(ExitCode.Sealed, "the server is sealed", "its root key is not in memory, so nothing can be decrypted", "candlefish-secrets operator unseal");
            case 503 or 501:
                return Make(ExitCode.Sealed, "no node is able to serve" + (text.Length > 0 ? ": " + text : ""), $"the server answered {reply.Status}", "candlefish-secrets status");
            case 400 or 409 when ConflictTexts.Any(c => text.Contains(c, StringComparison.OrdinalIgnoreCase)):
                return Make(ExitCode.Conflict, text, "the present state does not allow it", $"candlefish-secrets read {call.Path}");
            case 429:
                return Make(ExitCode.Server, text.Length > 0 ? text : "too many requests", "a rate limit quota is used up", "wait and try again");
            default:
                return Make(
                    ExitCode.Server,
                    text.Length > 0 ? text : $"the server answered {reply.Status}",
                    reply.Status >= 500 ? "the server failed; its log has the reason" : $"the server refused {verb} {call.Path} with status {reply.Status}",
                    reply.Status >= 500 ? "candlefish-secrets status" : "correct the arguments: --help");
        }
    }

    internal static CliError From(VaultConnectionException failure) => failure.Failure switch
    {
        ConnectionFailure.Refused => new(ExitCode.Server, failure.Message, "no server listens at that address", "candlefish-secrets doctor   or start one: candlefish-secrets dev"),
        ConnectionFailure.Timeout => new(ExitCode.Server, failure.Message, "the server is slow, or a firewall drops the packets (timeout)", "candlefish-secrets doctor   or raise --timeout"),
        ConnectionFailure.NameResolution => new(ExitCode.Server, failure.Message, "DNS knows no such host", "check VAULT_ADDR: candlefish-secrets doctor"),
        ConnectionFailure.Tls => new(ExitCode.Server, failure.Message, "the server's certificate is not trusted or does not match", "name its authority: --ca-cert FILE (VAULT_CACERT)"),
        _ => new(ExitCode.Server, failure.Message, "the other side closed the connection or does not speak HTTP there", "check http against https in VAULT_ADDR"),
    };

    /// <summary>Vault lists several errors over several lines: one line is easier to read in a terminal.</summary>
    internal static string Flat(string error) => string.Join(' ', error.Split(['\n', '\t'], StringSplitOptions.RemoveEmptyEntries)).Trim();

    private static string Verb(VaultCall call) => call.Method switch
    {
        "GET" => "reading",
        "LIST" => "listing",
        "DELETE" => "deleting",
        "PATCH" => "patching",
        _ => "writing",
    };

    private static string Parent(string path)
    {
        var slash = path.TrimEnd('/').LastIndexOf('/');
        return (slash < 0 ? path : path[..(slash + 1)]).Replace("/data/", "/metadata/", StringComparison.Ordinal);
    }
}
