using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Mounts;

/// <summary>The groups <c>secrets</c> and <c>auth</c>.</summary>
internal static class MountCommands
{
    internal static Command BuildSecrets(Invoker invoker) => Build(invoker, MountKind.Secrets, "Enable, list, tune and move secrets engines");

    internal static Command BuildAuth(Invoker invoker) => Build(invoker, MountKind.Auth, "Enable, list, tune and move auth methods");

    private static Command Build(Invoker invoker, MountKind kind, string description) => new(kind.Command, description)
    {
        MountEnable.Build(invoker, kind),
        MountDisable.Build(invoker, kind),
        MountList.Build(invoker, kind),
        MountTune.Build(invoker, kind),
        MountMove.Build(invoker, kind),
    };
}
