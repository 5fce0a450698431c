namespace Candlefish.Secrets.Cli;

/// <summary>The version printed by <c>version</c>: a constant, because reading assembly attributes costs start-up time. A test holds it to the build's.</summary>
internal static class ProductVersion
{
    internal const string Text = "0.1.0";
}
