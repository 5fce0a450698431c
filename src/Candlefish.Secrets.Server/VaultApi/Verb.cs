using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Server.VaultApi;

/// <summary>HTTP method and query → what is asked (Vault API: "HTTP verbs"; LIST and SCAN are methods of their own).</summary>
internal static class Verb
{
    private const string HealthPath = "sys/health";

    /// <summary><see langword="null"/> = 405.</summary>
    /// <exception cref="RequestRefused">400: <c>list</c> or <c>scan</c> is no truth value.</exception>
    public static Operation? OperationOf(string method, CanonicalPath path, Parameters query)
    {
        switch (method)
        {
            case "GET":
                if (query.First("help") is { Length: > 0 })
                    return Operation.Help;
                if (IsTrue(query, "list"))
                    return Operation.List;
                return IsTrue(query, "scan") ? Operation.Scan : Operation.Read;
            case "HEAD":
                return path.Value == HealthPath ? Operation.Read : null;
            case "LIST":
                return Operation.List;
            case "SCAN":
                return Operation.Scan;
            case "POST" or "PUT":
                return Operation.Update;
            case "PATCH":
                return Operation.Patch;
            case "DELETE":
                return Operation.Delete;
            default:
                return null;
        }
    }

    private static bool IsTrue(Parameters query, string name) => query.First(name) switch
    {
        null or "" or "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        _ => throw RequestRefused.BadRequest($"the query parameter '{name}' must be true or false"),
    };
}
