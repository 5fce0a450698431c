using System.Diagnostics;
using Candlefish.Secrets.Vault.Audit;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Identity;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Storage;
using Candlefish.Secrets.Vault.Tokens;
using Candlefish.Secrets.Vault.Wrapping;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// The way of every request: resolve → limit → authenticate → authorize → audit the request → run in one transaction →
/// audit the response → answer. Each step is one method; a step that refuses ends the way, and the refusal is audited too.
/// </summary>
internal sealed class RequestPipeline(UnsealedVault vault)
{
    /// <summary>Runs of one request against changing storage before it is given up with 503.</summary>
    private const int MaxAttempts = 16;

    private readonly ConflictGate _conflicts = new();

    /// <summary>Answers a request. Never throws, except when <paramref name="cancellation"/> ends it.</summary>
    public async ValueTask<VaultResponse> RunAsync(VaultRequest request, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        Namespace? ns = vault.FindNamespace(request.NamespacePath);
        RequestContext context = Resolve(request, ns, cancellation);
        VaultResponse? response = null;
        try
        {
            response = await AdmitAndExecuteAsync(context, isNamespaceKnown: ns is not null);
            response = await EndAsync(context, response);
            if (!context.IsRateLimited || vault.Quotas.AuditsRefusals)
                await vault.Audit.ResponseAsync(context, response, cancellation);
        }
        catch (AuditUnavailableException e)
        {
            vault.Log.Write(VaultLogLevel.Error, $"request {request.Id} refused: no audit device took its entry", e);
            response?.Wipe();
            response = VaultResponse.Error(500, "internal error: the request could not be audited; see the server log for the audit device that failed");
        }
        finally
        {
            context.Transaction.Dispose();
        }
        vault.Metrics.RequestHandled(context, response, Stopwatch.GetElapsedTime(started));
        return Finish(request, context, response);
    }

    /// <summary>
    /// Mount and route of the path. A path without a mount is decided like any other, then 404; an unknown namespace
    /// (<see langword="null"/>) has none.
    /// </summary>
    private RequestContext Resolve(VaultRequest request, Namespace? ns, CancellationToken cancellation)
    {
        string path = LegacyPaths.Canonical(request.Path).Value;
        if (request.Operation is Operation.List or Operation.Scan && !path.EndsWith('/'))
            path += "/";
        Mount? mount = ns is null ? null : vault.Mounts(ns).Router.Find(path);
        string relative = mount is null ? path : path[mount.RoutePrefix.Length..];
        RouteMatch? match = mount?.Backend.Routes.Match(relative, request.Operation);
        return new RequestContext
        {
            Request = request,
            Vault = vault,
            Namespace = ns ?? Namespace.Root,
            Path = path,
            Mount = mount ?? vault.Unrouted,
            Match = match ?? vault.UnroutedMatch,
            RelativePath = relative,
            IsRouted = match is not null,
            Cancellation = cancellation,
            Now = vault.Clock.Now,
        };
    }

    private async ValueTask<VaultResponse> AdmitAndExecuteAsync(RequestContext context, bool isNamespaceKnown)
    {
        try
        {
            if (vault.Quotas.Admit(context) is { } limited)
                return limited;
            if (!isNamespaceKnown)
                return VaultResponse.Error(404, "namespace not found: check the X-Vault-Namespace header");
            if (context.Request.Operation is Operation.Create or Operation.Update && context.Path.EndsWith('/'))
                return VaultResponse.BadRequest("cannot write to a path ending in '/'");
            if (await AuthenticateAsync(context) is { } unknown)
                return unknown;
            return await UseTokenAsync(context) ? await ExecuteAsync(context) : Denied.InvalidToken();
        }
        catch (RequestRefused refused)
        {
            return VaultResponse.Error(refused.Status, refused.Message);
        }
        catch (StorageException e)
        {
            vault.Log.Write(VaultLogLevel.Error, $"request {context.Request.Id} failed in storage", e);
            if (e.MustRestart)
                vault.Node.GiveUpStorage(e);
            return e.IsFull
                ? VaultResponse.Error(507, "the storage takes no writes: no space left; free space and try again, nothing was changed")
                : VaultResponse.Error(500, "internal error");
        }
        catch (Exception e) when (e is not OperationCanceledException and not AuditUnavailableException)
        {
            vault.Log.Write(VaultLogLevel.Error, $"request {context.Request.Id} failed", e);
            return VaultResponse.Error(500, "internal error");
        }
    }

    /// <summary>Finds the token and its rights. Unauthenticated routes pass with whatever valid token there is.</summary>
    private async ValueTask<VaultResponse?> AuthenticateAsync(RequestContext context)
    {
        bool isOpen = context.IsRouted && context.Match.Route.IsUnauthenticated(context.Operation);
        if (context.Request.Token is { Length: > 0 } sent)
            context.Token = await vault.Tokens.FindAsync(sent, context.Cancellation);
        if (context.Token is not { } token)
            return isOpen ? null : ResponseWrapping.RefusalOfUnknown(context) ?? Denied.InvalidToken();
        // A token reaches into its own namespace and those below, never beside or above.
        if (vault.NamespaceOf(token.NamespaceId) is not { } home || !context.Namespace.Path.StartsWith(home.Path, StringComparison.Ordinal))
            return Denied.Permission();
        if (!CidrBlock.AllowsAll(token.BoundCidrs, context.Request.RemoteAddress))
            return Denied.Permission();
        IdentityOfToken identity = await vault.Identity.OfTokenAsync(context.Namespace, token, context.Cancellation);
        if (identity.IsDisabled)
            return Denied.Permission();
        context.IdentityPolicies = identity.Policies;
        context.Acl = await vault.Policies(context.Namespace).AclOfAsync(token, identity, context.Cancellation);
        return null;
    }

    /// <summary>Attempts until one commits: the first at once, the others in the line of their path.</summary>
    private async ValueTask<VaultResponse> ExecuteAsync(RequestContext context)
    {
        bool isInLine = false;
        try
        {
            for (int attempt = 1; attempt <= MaxAttempts; attempt++)
            {
                if (!isInLine && (attempt > 1 || (IsChange(context.Operation) && _conflicts.IsCrowded(context.Path))))
                    isInLine = await _conflicts.EnterAsync(context.Path, context.Cancellation);
                if (await AttemptAsync(context, isFirst: attempt == 1) is { } response)
                    return response;
            }
            return VaultResponse.Error(503, "the data kept changing while the request ran: try again");
        }
        finally
        {
            if (isInLine)
                _conflicts.Leave(context.Path);
        }
    }

    /// <summary>
    /// Decides, audits the request, runs the engine and commits; <see langword="null"/> when storage changed underneath.
    /// </summary>
    private async ValueTask<VaultResponse?> AttemptAsync(RequestContext context, bool isFirst)
    {
        context.Transaction.Dispose();
        context.Transaction = vault.Barrier.Begin();
        context.KeepsWritesOnError = false;
        if (await AuthorizeAsync(context) is { } refused)
            return refused;
        if (Unsupported(context) is { } unsupported)
            return unsupported;
        if (isFirst && IsChange(context.Operation))
            await vault.Audit.RequestAsync(context, context.Cancellation);
        VaultResponse response = await RunHandlerAsync(context);
        if (response.IsError && !context.KeepsWritesOnError)
            return response;
        if (!response.IsError)
            response = await CompleteAsync(context, response);
        if (await context.Transaction.CommitAsync(context.Cancellation))
            return response;
        response.Wipe();
        return null;
    }

    private static bool IsChange(Operation operation) => operation is not (Operation.Read or Operation.List or Operation.Scan or Operation.Help);

    /// <summary>One gate for both policy languages. Create against update is decided by what exists.</summary>
    private async ValueTask<VaultResponse?> AuthorizeAsync(RequestContext context)
    {
        VaultRequest request = context.Request;
        if (context.IsRouted && request.Operation is Operation.Update or Operation.Create && context.Match.Route.Exists is { } exists)
            request.Operation = await exists(context) ? Operation.Update : Operation.Create;
        if (context.IsRouted && context.Match.Route.IsUnauthenticated(context.Operation))
            return null;
        if (context.Acl is not { } acl)
            return Denied.InvalidToken();
        var asked = new AclRequest
        {
            Operation = context.Operation,
            Path = context.Path,
            Data = request.Data,
            WrapTtl = request.WrapTtl,
            IsRootProtected = context.IsRouted && context.Match.Route.NeedsSudo(context.Operation),
            Now = context.Now,
        };
        AclDecision decision = acl.Decide(asked);
        context.Decision = decision;
        return decision.IsAllowed ? PolicyObligations.Unmet(context, decision) : Denied.Permission();
    }

    private static VaultResponse? Unsupported(RequestContext context)
    {
        if (!context.IsRouted)
        {
            return context.Mount.Entry.Type.Length == 0
                ? VaultResponse.Error(404, $"no handler for route \"{context.Path}\". route entry not found.")
                : VaultResponse.Error(404, ErrorText.Many("unsupported path"));
        }
        return context.Operation == Operation.Help || context.Match.Route.Handlers.ContainsKey(context.Operation)
            ? null
            : VaultResponse.Error(405, ErrorText.Many("unsupported operation"));
    }

    /// <summary>
    /// Takes one use of a limited token. Also a request that is refused afterwards costs one; a use that is left is never
    /// given twice.
    /// </summary>
    private async ValueTask<bool> UseTokenAsync(RequestContext context)
    {
        if (context.Token is not { UsesLeft: > 0 } token || (context.IsRouted && context.Match.Route.IsUnauthenticated(context.Operation)))
            return true;
        TokenEntry? used = await vault.Tokens.UseAsync(token, context.Cancellation);
        context.Token = used;
        return used is not null;
    }

    private static ValueTask<VaultResponse> RunHandlerAsync(RequestContext context) =>
        context.Operation == Operation.Help
            ? ValueTask.FromResult(Sys.HelpText.Of(context))
            : context.Match.Route.Handlers[context.Operation](context);

    /// <summary>What the kernel adds to a success: token of a login, lease of a secret, warnings, wrapping.</summary>
    private async ValueTask<VaultResponse> CompleteAsync(RequestContext context, VaultResponse response)
    {
        if (response.Login is { } login)
            await LoginTokens.CreateAsync(vault, context, response, login);
        if (response.Secret is { } secret)
            await vault.Leases.RegisterAsync(context, response, secret);
        PolicyObligations.FilterListing(context, response);
        UnknownParameters.WarnOf(context, response);
        if (context.Request.WrapTtl is { } ttl && response.Shape is not ResponseShape.Raw)
            return await vault.Wrapping.WrapAsync(context, response, ttl);
        return response;
    }

    /// <summary>
    /// What is left when a request is over, however it ended: an announced secret that was not handed out is undone, logins with
    /// a credential that was changed end, and a token goes with its last use. A secret leased with that use would end at once: it is not even shown.
    /// </summary>
    private async ValueTask<VaultResponse> EndAsync(RequestContext context, VaultResponse response)
    {
        try
        {
            if (context.IntendedLease is not null)
                await vault.Leases.AbandonAsync(context);
            if (context.EndedLogins is { } ended && !response.IsError)
                await EndLoginsAsync(context, ended, response);
            if (context.Token is not { UsesLeft: < 0 } spent)
                return response;
            await vault.Tokens.Revoker.RevokeAsync(spent.IdHash, CancellationToken.None);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The token answers no more, and the sweeper takes away what is left.
            vault.Log.Write(VaultLogLevel.Error, $"the end of request {context.Request.Id} is left to the background", e);
        }
        return response.LeaseId.Length == 0
            ? response
            : VaultResponse.BadRequest("Secret cannot be returned; token had one use left, so leased credentials were immediately revoked.");
    }

    /// <summary>The credential is changed for good: what is left of its tokens is the caller's to know.</summary>
    private async ValueTask EndLoginsAsync(RequestContext context, Func<TokenEntry, bool> ended, VaultResponse response)
    {
        try
        {
            await vault.Tokens.Revoker.RevokeByPathAsync(context.Namespace, context.Mount.RoutePrefix, CancellationToken.None, ended);
        }
        catch (Exception e)
        {
            vault.Log.Write(VaultLogLevel.Error, $"request {context.Request.Id} changed a credential, but tokens of the old one may be left", e);
            response.Warn("the change is stored, but not all tokens of the old credential could be ended: revoke them with sys/leases/revoke-prefix");
        }
    }

    private static VaultResponse Finish(VaultRequest request, RequestContext? context, VaultResponse response)
    {
        response.RequestId = request.Id;
        response.MountType = context?.Mount.Entry.Type ?? "";
        if (context?.LimitHeaders is { } limits)
        {
            foreach ((string name, string value) in limits)
                (response.Headers ??= [])[name] = value;
        }
        return response;
    }
}
