namespace Candlefish.Secrets.Cli.Commands.Mounts;

/// <summary>The two kinds of mounts, which have the same commands.</summary>
/// <param name="Command">Name of the group.</param>
/// <param name="Noun">In messages.</param>
/// <param name="Api">API path of the mount table.</param>
/// <param name="Prefix">What stands before a mount in other API paths.</param>
internal sealed record MountKind(string Command, string Noun, string Api, string Prefix)
{
    internal static readonly MountKind Secrets = new("secrets", "secrets engine", "sys/mounts", "");
    internal static readonly MountKind Auth = new("auth", "auth method", "sys/auth", "auth/");
}
