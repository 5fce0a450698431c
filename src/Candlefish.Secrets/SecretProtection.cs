namespace Candlefish.Secrets;

/// <summary>A protection that the system may refuse to secret memory.</summary>
public enum SecretProtection
{
    /// <summary>mlock(2): never written to swap. Refused when RLIMIT_MEMLOCK is used up.</summary>
    Locked,

    /// <summary>madvise(2) MADV_DONTDUMP: left out of kernel core dumps.</summary>
    NoDump,

    /// <summary>madvise(2) MADV_WIPEONFORK or MADV_DONTFORK: a forked child does not see it.</summary>
    NoFork,

    /// <summary>memfd_secret(2): unreadable even for the kernel. Only asked for by <see cref="SecretBuffer.AllocateHardened"/>.</summary>
    Hardened,
}
