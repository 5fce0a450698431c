using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>
/// One login as the lockout of its mount sees it: a name that failed <see cref="UserLockout.EffectiveThreshold"/> times is
/// refused for <see cref="UserLockout.EffectiveDuration"/>, whatever it brings.
/// </summary>
/// <remarks>
/// <para>The count is read and written in the transaction of the login. So logins of one name have an order: of a thousand
/// guesses at once, as many are judged as the threshold allows, also when they come to several nodes; and a restart
/// forgets nothing. A quiet time of <see cref="UserLockout.EffectiveCounterReset"/> does, and a success.</para>
/// <para>Names that do not exist are counted and locked like those that do, or the lock would tell them apart.</para>
/// <code>
/// LoginAttempt attempt = await LoginAttempt.BeginAsync(context, name, exists);
/// if (attempt.IsLocked) return Denied.Permission();
/// if (!proven) return attempt.Fail("invalid username or password");
/// attempt.Succeed();
/// </code>
/// </remarks>
public sealed class LoginAttempt
{
    private readonly RequestContext _context;
    private readonly UserLockout _rule;
    private readonly string _alias;
    private readonly string _key;
    private readonly LoginFailures? _before;

    private LoginAttempt(RequestContext context, string alias, string key, LoginFailures? before)
    {
        _context = context;
        _rule = context.Mount.Entry.Config.Lockout;
        _alias = alias;
        _key = key;
        _before = before;
    }

    /// <summary>Reads the failures of a name.</summary>
    /// <param name="alias">Canonical name: what the identity alias of a success is called.</param>
    /// <param name="exists">The method knows the name.</param>
    public static async ValueTask<LoginAttempt> BeginAsync(RequestContext context, string alias, bool exists)
    {
        string key = LoginFailures.KeyOf(context.Mount, alias, exists);
        LoginFailures? before = context.Mount.Entry.Config.Lockout.IsDisabled
            ? null
            : LoginFailures.Parse(await context.Storage.GetAsync(key, context.Cancellation));
        return new LoginAttempt(context, exists ? alias : "", key, before);
    }

    /// <summary>Answer 403 <c>permission denied</c> without looking at the credentials.</summary>
    public bool IsLocked => _before?.IsLocked(_rule, _context.Now) == true;

    /// <summary>Counts a failure, and answers 400 with the text.</summary>
    public VaultResponse Fail(string error)
    {
        if (!_rule.IsDisabled)
        {
            int count = _before is null || _before.IsForgotten(_rule, _context.Now) ? 1 : _before.Count + 1;
            DateTimeOffset last = _before is not null && _before.Last > _context.Now ? _before.Last : _context.Now;
            _context.Storage.Put(_key, new LoginFailures { Alias = _alias, Count = count, Last = last }.ToBytes());
            _context.KeepsWritesOnError = true;
        }
        return VaultResponse.BadRequest(error);
    }

    /// <summary>
    /// Forgets the failures, if the login commits. It does not when others failed meanwhile: also a login that writes
    /// nothing (a batch token) is judged in its turn.
    /// </summary>
    public void Succeed()
    {
        if (_before is not null)
            _context.Storage.Delete(_key);
        if (!_rule.IsDisabled)
            _context.Transaction.CheckWithoutWrites();
    }
}
