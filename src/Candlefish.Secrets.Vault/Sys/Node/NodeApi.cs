using System.Text.Json;
using Candlefish.Secrets.Vault.Audit;
using Candlefish.Secrets.Vault.Audit.Entries;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Sys.Keys;
using Candlefish.Secrets.Vault.Seals;

namespace Candlefish.Secrets.Vault.Sys.Node;

/// <summary>Answers a node route: no token, no mount, any state.</summary>
internal delegate ValueTask<VaultResponse> NodeHandler(FieldReader fields, CancellationToken cancellation);

/// <summary>One path of <see cref="NodeApi"/>, described as engine routes are.</summary>
internal sealed record NodeRoute(string Path, string Summary, IReadOnlyDictionary<Operation, NodeHandler> Handlers, params Field[] Fields);

/// <summary>
/// The few <c>sys/</c> paths that work without token and in every state: init, seal-status, unseal, health, leader.
/// Their answers carry no envelope.
/// </summary>
internal sealed class NodeApi(VaultNode node)
{
    public IReadOnlyList<NodeRoute> Routes { get; } =
    [
        .. InitRoutes.Of(node),
        .. UnsealRoutes.Of(node),
        .. HealthRoutes.Of(node),
    ];

    public NodeRoute? Match(VaultRequest request)
    {
        string path = request.Path.Value;
        if (!path.StartsWith("sys/", StringComparison.Ordinal))
            return null;
        foreach (NodeRoute route in Routes)
        {
            if (route.Path == path)
                return route;
        }
        return null;
    }

    public async ValueTask<VaultResponse> HandleAsync(NodeRoute route, VaultRequest request, CancellationToken cancellation)
    {
        VaultResponse response = await AnswerAsync(route, request, cancellation);
        if (request.Operation == Operation.Read)
            return response;
        var attempt = new NodeAttempt(
            node.Environment.Time.GetUtcNow(),
            request.Id,
            route.Path,
            request.RemoteAddress,
            response.Status,
            string.Join("; ", response.Errors ?? []));
        try
        {
            await node.RecordAttemptAsync(attempt);
            return response;
        }
        catch (AuditUnavailableException e)
        {
            node.Environment.Log.Write(VaultLogLevel.Error, $"request {request.Id} to {route.Path} could not be audited", e);
            return VaultResponse.Error(500, "internal error: the request could not be audited; see the server log for the audit device that failed");
        }
    }

    private async ValueTask<VaultResponse> AnswerAsync(NodeRoute route, VaultRequest request, CancellationToken cancellation)
    {
        Operation operation = request.Operation == Operation.Create ? Operation.Update : request.Operation;
        if (!route.Handlers.TryGetValue(operation, out NodeHandler? handler))
            return new VaultResponse { Status = 405, Errors = [] };
        try
        {
            return await handler(new FieldReader(default, request.Data), cancellation);
        }
        catch (RequestRefused refused)
        {
            return VaultResponse.Error(refused.Status, refused.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            node.Environment.Log.Write(VaultLogLevel.Error, $"request {request.Id} to {route.Path} failed", e);
            return VaultResponse.Error(500, "internal error");
        }
    }

    public static void WriteKeys(Utf8JsonWriter writer, string name, string base64Name, IEnumerable<byte[]> keys)
    {
        byte[][] all = [.. keys];
        writer.WriteStrings(name, all.Select(Convert.ToHexStringLower));
        writer.WriteStrings(base64Name, all.Select(Convert.ToBase64String));
    }

    public static (int Shares, int Threshold) ShareCounts(FieldReader fields, int defaultShares, int defaultThreshold)
    {
        long shares = fields.Whole("secret_shares") ?? defaultShares;
        long threshold = fields.Whole("secret_threshold") ?? Math.Min(defaultThreshold, shares);
        if (shares is < 1 or > 255)
            throw RequestRefused.BadRequest("secret_shares must be between 1 and 255");
        if (threshold < 1 || threshold > shares)
            throw RequestRefused.BadRequest("secret_threshold must be at least 1 and not greater than secret_shares");
        if (threshold == 1 && shares > 1)
            throw RequestRefused.BadRequest("secret_threshold must be greater than 1 when there is more than one share");
        return ((int)shares, (int)threshold);
    }

    public static NodeState.Sealed? SealedStateOf(VaultNode node) => node.State as NodeState.Sealed;

    public static SealRecord? RecordOf(VaultNode node) => node.State switch
    {
        NodeState.Sealed s => s.Record,
        NodeState.Unsealed u => u.Record,
        _ => null,
    };
}
