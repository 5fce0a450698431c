using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Auth;

/// <summary>
/// The one canonical form of user and role names, for writing, looking up, counting failures and deciding: lower case.
/// </summary>
/// <remarks>
/// Letters and digits of ASCII and <c>- _ . @ +</c>, at most <see cref="MaxLength"/>. Only ASCII, because outside of it one
/// name has several spellings (composed and decomposed letters, letters that fold into ASCII), and a lock that counts one
/// of them is passed by another.
/// </remarks>
internal static class AccountNames
{
    public const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.@+");

    /// <summary>Lower-cases a name, or says in <paramref name="problem"/> why it is none.</summary>
    public static bool TryCanonicalize(string given, [NotNullWhen(true)] out string? name, [NotNullWhen(false)] out string? problem)
    {
        name = null;
        problem = null;
        if (given.Length is 0 or > MaxLength)
            problem = $"the name must have 1 to {MaxLength} characters";
        else if (given.AsSpan().ContainsAnyExcept(Allowed))
            problem = "the name holds a space or another character that names may not have: use letters and digits of ASCII, '-', '_', '.', '@' and '+'";
        else
            name = given.ToLowerInvariant();
        return name is not null;
    }

    /// <summary>
    /// The canonical name in the second segment of an administrative path (<c>users/NAME/…</c>). A name that is sent in
    /// another letter case needs the right to the path of the canonical one as well: what is decided is what is stored.
    /// </summary>
    /// <exception cref="RequestRefused">400: no name; 403: no right to the canonical path.</exception>
    public static string InPath(RequestContext context, string capture)
    {
        string given = context.Capture(capture);
        if (!TryCanonicalize(given, out string? name, out string? problem))
            throw RequestRefused.BadRequest(problem);
        if (name != given && !context.IsAllowedAt(CanonicalPathOf(context, name)))
            throw new RequestRefused(403, ErrorText.Many("permission denied"));
        return name;
    }

    /// <summary>As <see cref="InPath"/>, for the question whether something exists: <see langword="null"/> for no name.</summary>
    public static string? OrNull(string given) => TryCanonicalize(given, out string? name, out _) ? name : null;

    /// <summary>
    /// The name of a login as failures are counted for it, which is canonical if such a user can exist: surrounding spaces
    /// and letter case make no other user.
    /// </summary>
    public static string AtLogin(string given) => given.Trim() is var trimmed && OrNull(trimmed) is { } name ? name : trimmed;

    private static string CanonicalPathOf(RequestContext context, string name)
    {
        string[] segments = context.RelativePath.Split('/');
        segments[1] = name;
        return context.Mount.RoutePrefix + string.Join('/', segments);
    }
}
