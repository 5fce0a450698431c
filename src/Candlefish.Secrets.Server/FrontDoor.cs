using Candlefish.Secrets.Server.Configuration;
using Candlefish.Secrets.Server.Console;
using Candlefish.Secrets.Server.Limits;
using Candlefish.Secrets.Server.Logging;
using Candlefish.Secrets.Server.VaultApi;
using Candlefish.Secrets.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Candlefish.Secrets.Server;

/// <summary>
/// Decides which door answers a request, by the raw request target: <c>/v1/</c> is the Vault API. One terminal middleware
/// instead of endpoint routing, which would decode and normalize paths before the canonicalizer sees them.
/// </summary>
internal sealed class FrontDoor
{
    private readonly VaultEndpoints _vault;
    private readonly BodyBudget _bodies;
    private readonly VaultNode _node;
    private readonly StatusPage _page;
    private int _running;

    public FrontDoor(VaultNode node, ServerConfiguration configuration, ServerLog log)
    {
        _node = node;
        _page = new StatusPage(node, configuration.EnableUi);
        _bodies = new BodyBudget(configuration.Listeners.Max(l => l.MaxBodyBytes));
        _vault = new VaultEndpoints(node, _bodies, log);
    }

    public int RunningRequests => Volatile.Read(ref _running);

    public long LentBodyBytes => _bodies.Lent;

    public void AttachTo(WebApplication web) => web.Run(AnswerAsync);

    private static bool IsForNodes(string path) => path is "/v1/sys/health" or "/v1/sys/leader";

    private async ValueTask AnswerVaultAsync(HttpContext http, Listener listener, RequestTarget target)
    {
        if (CrossOrigin.Check(http, _node) is { } answer)
            await VaultResponseWriter.WriteAsync(http, listener, answer);
        else
            await _vault.AnswerAsync(http, listener, target);
    }

    private async Task AnswerAsync(HttpContext http)
    {
        Interlocked.Increment(ref _running);
        try
        {
            Listener listener = http.Features.GetRequiredFeature<Listener>();
            RequestTarget target = RequestTarget.Split(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
            // Other doors (AWS JSON, console) join here; each owns a prefix of the raw path.
            if (target.Path.StartsWith(VaultEndpoints.Prefix, StringComparison.Ordinal) && (!listener.IsClusterPort || IsForNodes(target.Path)))
                await AnswerVaultAsync(http, listener, target);
            else if (!listener.IsClusterPort && _page.Serves(target.Path))
                await _page.AnswerAsync(http, target.Path);
            else
                await VaultResponseWriter.WriteAsync(http, listener, Vault.Requests.VaultResponse.NotFound());
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
