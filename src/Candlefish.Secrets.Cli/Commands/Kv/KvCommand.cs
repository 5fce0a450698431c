using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary>The group <c>kv</c>.</summary>
internal static class KvCommand
{
    internal static Command Build(Invoker invoker) => new("kv", "Secrets in the key/value engine")
    {
        KvGet.Build(invoker),
        KvPut.Build(invoker),
        KvPatch.Build(invoker),
        KvList.Build(invoker),
        KvFind.Build(invoker),
        KvVersions.Delete(invoker),
        KvVersions.Undelete(invoker),
        KvVersions.Destroy(invoker),
        KvRollback.Build(invoker),
        KvHistory.Build(invoker),
        KvDiff.Build(invoker),
        KvMetadata.Build(invoker),
        KvCopy.Copy(invoker),
        KvCopy.Move(invoker),
        KvEnableVersioning.Build(invoker),
    };
}
