namespace Candlefish.Secrets.Vault.Requests;

/// <summary>Answers one operation of one route.</summary>
public delegate ValueTask<VaultResponse> Handler(RequestContext context);

/// <summary>Says whether the thing that a write addresses exists: decides create against update.</summary>
public delegate ValueTask<bool> ExistsHandler(RequestContext context);

/// <summary>
/// One path of a backend: its pattern, parameters, operations and who may call it. Dispatch, the OpenAPI description,
/// the table of unauthenticated paths and the table of sudo paths are all read from here.
/// </summary>
/// <remarks>
/// Pattern: segments separated by <c>/</c>; <c>{name}</c> takes one segment, a last <c>{name*}</c> takes the rest
/// (also nothing, for LIST of the root). A LIST is matched without its trailing slash.
/// <code>
/// Route.At("roles/{name}", "Reads, writes and deletes a role.")
///      .Takes(Field.Duration("ttl", "Life of the token."))
///      .Reads(Read).Writes(Write).Deletes(Delete).ExistsWhen(Exists)
/// </code>
/// </remarks>
public sealed class Route
{
    private readonly Dictionary<Operation, Handler> _handlers = [];
    private readonly HashSet<Operation> _sudo = [];
    private readonly HashSet<Operation> _unauthenticated = [];

    private Route(string pattern, string summary)
    {
        Pattern = pattern;
        Summary = summary;
    }

    public string Pattern { get; }

    /// <summary>One sentence for the description and for <c>?help=1</c>.</summary>
    public string Summary { get; }

    public IReadOnlyList<Field> Fields { get; private set; } = [];

    /// <summary>Any body member is taken as it is (KV v1, cubbyhole): no warning about unknown parameters.</summary>
    public bool TakesAnything { get; private set; }

    public ExistsHandler? Exists { get; private set; }

    public IReadOnlyDictionary<Operation, Handler> Handlers => _handlers;

    public static Route At(string pattern, string summary) => new(pattern, summary);

    public Route Takes(params Field[] fields)
    {
        Fields = [.. Fields, .. fields];
        return this;
    }

    public Route TakesAny()
    {
        TakesAnything = true;
        return this;
    }

    public Route On(Operation operation, Handler handler)
    {
        _handlers[operation] = handler;
        return this;
    }

    public Route Reads(Handler handler) => On(Operation.Read, handler);

    /// <summary>POST and PUT, whether or not the thing exists.</summary>
    public Route Writes(Handler handler) => On(Operation.Create, handler).On(Operation.Update, handler);

    public Route Patches(Handler handler) => On(Operation.Patch, handler);
    public Route Deletes(Handler handler) => On(Operation.Delete, handler);
    public Route Lists(Handler handler) => On(Operation.List, handler);

    /// <summary>Recursive listing.</summary>
    public Route Scans(Handler handler) => On(Operation.Scan, handler);

    /// <summary>Makes a write a <see cref="Operation.Create"/> when <paramref name="exists"/> answers false.</summary>
    public Route ExistsWhen(ExistsHandler exists)
    {
        Exists = exists;
        return this;
    }

    /// <summary>No token is asked for, for these operations (none named = all).</summary>
    public Route Unauthenticated(params Operation[] operations)
    {
        _unauthenticated.UnionWith(operations.Length == 0 ? AllOperations : operations);
        return this;
    }

    /// <summary>The policy must grant <c>sudo</c> besides the capability, for these operations (none named = all).</summary>
    public Route Sudo(params Operation[] operations)
    {
        _sudo.UnionWith(operations.Length == 0 ? AllOperations : operations);
        return this;
    }

    public bool IsUnauthenticated(Operation operation) => _unauthenticated.Contains(operation);

    public bool NeedsSudo(Operation operation) => _sudo.Contains(operation);

    private static readonly Operation[] AllOperations = Enum.GetValues<Operation>();
}
