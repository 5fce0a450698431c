using System.Net;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>CIDR bounds of tokens and roles.</summary>
public static class CidrBlock
{
    /// <summary>True when there are no bounds, or the address lies in one of them. An unknown address passes no bound.</summary>
    public static bool AllowsAll(IReadOnlyList<string> blocks, IPAddress? address)
    {
        if (blocks.Count == 0)
            return true;
        if (address is null)
            return false;
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (string block in blocks)
        {
            if (TryParse(block, out IPNetwork network) && network.Contains(plain))
                return true;
        }
        return false;
    }

    /// <summary>True when there are no outer bounds, or each of <paramref name="blocks"/> lies in one of them.</summary>
    public static bool AreWithin(IReadOnlyList<string> blocks, IReadOnlyList<string> outer)
    {
        if (outer.Count == 0)
            return true;
        foreach (string block in blocks)
        {
            if (!TryParse(block, out IPNetwork inner) || !outer.Any(o => TryParse(o, out IPNetwork bound) && bound.PrefixLength <= inner.PrefixLength && bound.Contains(inner.BaseAddress)))
                return false;
        }
        return true;
    }

    /// <summary>Parses <c>10.0.0.0/8</c>, or a single address.</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        network = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out IPAddress? address))
            return false;
        int bits = address.GetAddressBytes().Length * 8;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out bits) || bits > address.GetAddressBytes().Length * 8))
            return false;
        byte[] prefix = address.GetAddressBytes();
        for (int bit = bits; bit < prefix.Length * 8; bit++)
            prefix[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        network = new IPNetwork(new IPAddress(prefix), bits);
        return true;
    }
}
