using System.Net;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Server.Configuration;

/// <summary>The <c>x_forwarded_for_*</c> keys of a listener.</summary>
internal static class ForwardedForReader
{
    /// <summary><see langword="null"/> = the header is not looked at.</summary>
    public static ForwardedForConfiguration? Read(ConfigurationSection section)
    {
        IReadOnlyList<string>? addresses = section.Texts("x_forwarded_for_authorized_addrs");
        long hopSkips = section.Whole("x_forwarded_for_hop_skips", 0, 100) ?? 0;
        bool rejectNotPresent = section.Flag("x_forwarded_for_reject_not_present") ?? true;
        bool rejectNotAuthorized = section.Flag("x_forwarded_for_reject_not_authorized") ?? true;
        if (addresses is null)
            return null;
        List<IPNetwork> proxies = [];
        foreach (string text in addresses.SelectMany(a => a.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
            proxies.Add(CidrBlock.TryParse(text, out IPNetwork network) ? network : throw section.Wrong("x_forwarded_for_authorized_addrs", "expected addresses such as 10.0.0.0/8"));
        return new ForwardedForConfiguration(proxies, (int)hopSkips, rejectNotPresent, rejectNotAuthorized);
    }
}
