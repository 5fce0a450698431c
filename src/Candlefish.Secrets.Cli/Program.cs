namespace Candlefish.Secrets.Cli;

/// <summary>The one executable, <c>candlefish-secrets</c>.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        Console.WriteLine("candlefish-secrets 0.1.0");
        return args.Length == 0 ? 1 : 0;
    }
}
