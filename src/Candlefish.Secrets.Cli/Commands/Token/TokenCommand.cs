using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Token;

/// <summary>The group <c>token</c>.</summary>
internal static class TokenCommand
{
    internal static Command Build(Invoker invoker) => new("token", "Create, look up, renew and revoke tokens")
    {
        TokenCreate.Build(invoker),
        TokenLookup.Build(invoker),
        TokenRenew.Build(invoker),
        TokenRevoke.Build(invoker),
        TokenCapabilities.Build(invoker),
    };
}
