using System.Collections.Concurrent;
using System.Text;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Identity;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Policies;

/// <summary>
/// The ACL policies of one namespace (<c>sys/policy/NAME</c>, the text as written), parsed once and compiled into the
/// rights of tokens.
/// </summary>
/// <remarks>Every change empties the caches when it commits: it holds from the next request on. Thread-safe.</remarks>
internal sealed class PolicyStore(UnsealedVault vault, Namespace ns)
{
    private const int CachedRights = 10_000;

    private readonly string _prefix = ns.StoragePrefix + "sys/policy/";
    private readonly ConcurrentDictionary<string, Policy?> _policies = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Acl> _rights = new(StringComparer.Ordinal);
    private long _generation;

    /// <summary>The rights of a token at this moment.</summary>
    public async ValueTask<Acl> AclOfAsync(TokenEntry token, IdentityOfToken identity, CancellationToken cancellation)
    {
        if (token.IsRoot)
            return Acl.Root;
        string key = RightsKey(token, identity);
        if (_rights.TryGetValue(key, out Acl? known))
            return known;
        long generation = Interlocked.Read(ref _generation);
        var policies = new List<Policy>();
        foreach (string name in token.Policies.Concat(identity.Policies).Distinct(StringComparer.Ordinal))
        {
            if (await FindAsync(name, cancellation) is { } policy)
                policies.Add(policy);
        }
        Acl acl = Acl.Compile(policies, identity.Templates);
        if (_rights.Count >= CachedRights)
            _rights.Clear();
        if (generation == Interlocked.Read(ref _generation))
            _rights[key] = acl;
        return acl;
    }

    /// <summary>A policy by its canonical name; <see langword="null"/> when there is none.</summary>
    public async ValueTask<Policy?> FindAsync(string name, CancellationToken cancellation)
    {
        if (_policies.TryGetValue(name, out Policy? known))
            return known;
        long generation = Interlocked.Read(ref _generation);
        (byte[] Plaintext, long Version)? stored = await vault.Barrier.GetAsync(_prefix + name, cancellation);
        string? text = stored is { } s ? Encoding.UTF8.GetString(s.Plaintext) : DefaultPolicies.TextOf(name);
        Policy? policy = text is null ? null : PolicyParser.Parse(name, text);
        if (generation == Interlocked.Read(ref _generation))
            _policies[name] = policy;
        return policy;
    }

    /// <summary>Stores a policy that was parsed already; holds when the transaction commits.</summary>
    public void Put(StorageTransaction tx, Policy policy)
    {
        tx.Put(_prefix + policy.Name, Encoding.UTF8.GetBytes(policy.Text));
        tx.AfterCommit(Forget);
    }

    public void Delete(StorageTransaction tx, string name)
    {
        tx.Delete(_prefix + name);
        tx.AfterCommit(Forget);
    }

    /// <summary>Names of all policies, built-in ones and <c>root</c> included, sorted.</summary>
    public async ValueTask<IReadOnlyList<string>> NamesAsync(StorageTransaction tx, CancellationToken cancellation)
    {
        IReadOnlyList<string> stored = await tx.ListAsync(_prefix, "", int.MaxValue, cancellation);
        return [.. new SortedSet<string>(stored.Concat(["default", "root"]), StringComparer.Ordinal)];
    }

    private void Forget()
    {
        Interlocked.Increment(ref _generation);
        _policies.Clear();
        _rights.Clear();
    }

    private static string RightsKey(TokenEntry token, IdentityOfToken identity) =>
        string.Join(',', token.Policies) + "|" + string.Join(',', identity.Policies) + "|" +
        (identity.Templates is null ? "" : token.EntityId + "@" + identity.Version.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
