namespace Candlefish.Secrets.Vault.Requests;

/// <summary>All routes of one backend, compiled into a tree of segments. Immutable, thread-safe.</summary>
/// <remarks>At each segment a literal wins over <c>{name}</c>, which wins over <c>{name*}</c>.</remarks>
public sealed class RouteTable
{
    private readonly Node _root = new();

    public RouteTable(params Route[] routes)
    {
        Routes = routes;
        foreach (Route route in routes)
            Add(route);
    }

    public IReadOnlyList<Route> Routes { get; }

    /// <summary>Finds the route of a path relative to the mount.</summary>
    public RouteMatch? Match(string path, Operation operation)
    {
        ReadOnlySpan<char> text = path;
        if (operation is Operation.List or Operation.Scan && text.EndsWith("/"))
            text = text[..^1];
        var captures = default(Captures);
        Route? route = Find(_root, text, ref captures);
        return route is null ? null : new RouteMatch(route, captures);
    }

    private void Add(Route route)
    {
        Node node = _root;
        string[] segments = route.Pattern.Length == 0 ? [] : route.Pattern.Split('/');
        for (int i = 0; i < segments.Length; i++)
        {
            string segment = segments[i];
            if (!segment.StartsWith('{'))
            {
                node = node.Literals.TryGetValue(segment, out Node? next) ? next : node.Literals[segment] = new Node();
                continue;
            }
            if (segment.EndsWith("*}", StringComparison.Ordinal))
            {
                if (i != segments.Length - 1)
                    throw new ArgumentException($"the rest capture must be last in route '{route.Pattern}'", nameof(route));
                if (node.Rest is not null)
                    throw new ArgumentException($"two routes with the pattern '{route.Pattern}'", nameof(route));
                node.Rest = (segment[1..^2], route);
                return;
            }
            node.Parameter ??= (segment[1..^1], new Node());
            if (node.Parameter.Value.Name != segment[1..^1])
                throw new ArgumentException($"route '{route.Pattern}' names a segment differently than its sibling", nameof(route));
            node = node.Parameter.Value.Next;
        }
        if (node.Route is not null)
            throw new ArgumentException($"two routes with the pattern '{route.Pattern}'", nameof(route));
        node.Route = route;
    }

    private static Route? Find(Node node, ReadOnlySpan<char> rest, ref Captures captures)
    {
        if (rest.IsEmpty)
        {
            if (node.Route is { } exact)
                return exact;
            if (node.Rest is not { } empty)
                return null;
            captures.Add(empty.Name, "");
            return empty.Route;
        }
        int slash = rest.IndexOf('/');
        ReadOnlySpan<char> segment = slash < 0 ? rest : rest[..slash];
        ReadOnlySpan<char> tail = slash < 0 ? [] : rest[(slash + 1)..];
        bool endsInSlash = slash >= 0 && tail.IsEmpty;
        if (!endsInSlash)
        {
            if (node.LiteralLookup.TryGetValue(segment, out Node? literal) && Find(literal, tail, ref captures) is { } found)
                return found;
            if (node.Parameter is { } parameter && !segment.IsEmpty)
            {
                int mark = captures.Count;
                captures.Add(parameter.Name, segment.ToString());
                if (Find(parameter.Next, tail, ref captures) is { } below)
                    return below;
                captures.Count = mark;
            }
        }
        if (node.Rest is not { } all)
            return null;
        captures.Add(all.Name, rest.ToString());
        return all.Route;
    }

    private sealed class Node
    {
        public readonly Dictionary<string, Node> Literals = new(StringComparer.Ordinal);
        public Dictionary<string, Node>.AlternateLookup<ReadOnlySpan<char>> LiteralLookup => Literals.GetAlternateLookup<ReadOnlySpan<char>>();
        public (string Name, Node Next)? Parameter;
        public (string Name, Route Route)? Rest;
        public Route? Route;
    }
}

/// <summary>A route and what its pattern captured.</summary>
public readonly struct RouteMatch(Route route, Captures captures)
{
    private readonly Captures _captures = captures;

    public Route Route { get; } = route;

    /// <summary>The captured segment; <see langword="null"/> when the pattern has none of that name.</summary>
    public string? Capture(string name) => _captures.Find(name);

    public int CaptureCount => _captures.Count;

    public (string Name, string Value) CaptureAt(int index) => _captures.At(index);
}

/// <summary>Up to four captured segments, without allocation.</summary>
public struct Captures
{
    private (string Name, string Value) _a, _b, _c, _d;

    public int Count { get; internal set; }

    internal void Add(string name, string value)
    {
        switch (Count++)
        {
            case 0: _a = (name, value); break;
            case 1: _b = (name, value); break;
            case 2: _c = (name, value); break;
            case 3: _d = (name, value); break;
            default: throw new InvalidOperationException("a route pattern has at most four captures");
        }
    }

    internal readonly (string Name, string Value) At(int index) => index switch { 0 => _a, 1 => _b, 2 => _c, _ => _d };

    internal readonly string? Find(string name)
    {
        for (int i = 0; i < Count; i++)
        {
            if (At(i).Name == name)
                return At(i).Value;
        }
        return null;
    }
}
