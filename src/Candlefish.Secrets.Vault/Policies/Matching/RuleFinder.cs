namespace Candlefish.Secrets.Vault.Policies.Matching;

/// <summary>
/// Finds the one pattern that decides a path. Explicit denies are looked up a second time without regard to letter
/// case; such a deny ranks as if it were written in the case of the request.
/// </summary>
internal sealed class RuleFinder
{
    private const int StackCharacters = 512;

    private readonly PatternIndex _all;
    private readonly PatternIndex _foldedDenies;

    /// <param name="all">Every pattern.</param>
    /// <param name="foldedDenies">The denying patterns, folded, with their denying rules only.</param>
    public RuleFinder(IReadOnlyList<PatternRule> all, IReadOnlyList<PatternRule> foldedDenies)
    {
        _all = new PatternIndex(all);
        _foldedDenies = new PatternIndex(foldedDenies);
    }

    /// <summary>For every operation but list and scan: exact, then patterns.</summary>
    public MergedRule? Find(string path, DateTimeOffset now)
    {
        var folded = _foldedDenies.IsEmpty ? default : Fold(path, stackalloc char[StackCharacters]);
        return (FindExact(path, folded, now) ?? FindWildcard(path, folded, now))?.At(now);
    }

    /// <summary>
    /// For list and scan: exact with a slash at the end, exact without, patterns with the slash, patterns without.
    /// </summary>
    public MergedRule? FindForList(string path, DateTimeOffset now)
    {
        Span<char> buffer = path.Length < StackCharacters ? stackalloc char[StackCharacters] : new char[path.Length + 1];
        var length = path.EndsWith('/') ? path.Length - 1 : path.Length;
        path.AsSpan(0, length).CopyTo(buffer);
        buffer[length] = '/';
        ReadOnlySpan<char> slashed = buffer[..(length + 1)];
        var bare = slashed[..length];
        var foldedSlashed = _foldedDenies.IsEmpty ? default : Fold(slashed, stackalloc char[StackCharacters]);
        var foldedBare = _foldedDenies.IsEmpty ? default : foldedSlashed[..length];
        return (FindExact(slashed, foldedSlashed, now)
            ?? FindExact(bare, foldedBare, now)
            ?? FindWildcard(slashed, foldedSlashed, now)
            ?? FindWildcard(bare, foldedBare, now))?.At(now);
    }

    private PatternRule? FindExact(ReadOnlySpan<char> path, ReadOnlySpan<char> folded, DateTimeOffset now) =>
        (_foldedDenies.IsEmpty ? null : _foldedDenies.FindExact(folded, now)) ?? _all.FindExact(path, now);

    private PatternRule? FindWildcard(ReadOnlySpan<char> path, ReadOnlySpan<char> folded, DateTimeOffset now)
    {
        var found = _all.FindWildcard(path, now);
        var deny = _foldedDenies.IsEmpty ? null : _foldedDenies.FindWildcard(folded, now);
        return deny is null || found?.Pattern.CompareToFolded(deny.Pattern, found.FoldedText) > 0 ? found : deny;
    }

    private static ReadOnlySpan<char> Fold(ReadOnlySpan<char> text, Span<char> buffer)
    {
        var folded = text.Length <= buffer.Length ? buffer[..text.Length] : new char[text.Length];
        LetterCase.Fold(text, folded);
        return folded;
    }
}
