using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Operator;

/// <summary>The group <c>operator</c>.</summary>
internal static class OperatorCommand
{
    internal static Command Build(Invoker invoker) => new("operator", "Initialise, unseal, seal and look after a server")
    {
        OperatorInit.Build(invoker),
        OperatorUnseal.Build(invoker),
        OperatorSeal.Build(invoker),
        OperatorRekey.Build(invoker),
        OperatorRotate.Build(invoker),
        OperatorRotate.BuildKeyStatus(invoker),
        OperatorGenerateRoot.Build(invoker),
        OperatorDiagnose.Build(invoker),
    };
}
