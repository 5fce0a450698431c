namespace Candlefish.Secrets.Vault.Metrics;

/// <summary>
/// Count, sum, extremes and quantiles of a series, in constant memory: values fall into buckets that grow by a quarter, so
/// a quantile is right within 25 %. Thread-safe; readers may see an addition half done.
/// </summary>
public sealed class Summary
{
    /// <summary>Smallest value told apart: one thousandth.</summary>
    private const double Smallest = 0.001;

    private const int PerDoubling = 3;
    private readonly long[] _buckets = new long[PerDoubling * 40];
    private readonly Lock _gate = new();
    private double _sum;
    private double _sumOfSquares;
    private double _min = double.MaxValue;
    private double _max = double.MinValue;
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public double Sum => _sum;

    public double Min => _count == 0 ? 0 : _min;

    public double Max => _count == 0 ? 0 : _max;

    public double Mean => _count == 0 ? 0 : _sum / _count;

    /// <summary>Sample standard deviation.</summary>
    public double Deviation => _count < 2 ? 0 : Math.Sqrt(Math.Max(0, (_sumOfSquares - (_sum * _sum / _count)) / (_count - 1)));

    public void Add(double value)
    {
        lock (_gate)
        {
            _count++;
            _sum += value;
            _sumOfSquares += value * value;
            _min = Math.Min(_min, value);
            _max = Math.Max(_max, value);
            _buckets[BucketOf(value)]++;
        }
    }

    /// <summary>The value below which a share <paramref name="quantile"/> (0 to 1) of the series lies.</summary>
    public double Quantile(double quantile)
    {
        lock (_gate)
        {
            long rank = (long)Math.Ceiling(quantile * _count);
            long seen = 0;
            for (int i = 0; i < _buckets.Length && rank > 0; i++)
            {
                seen += _buckets[i];
                if (seen >= rank)
                    return Math.Clamp(Smallest * Math.Pow(2, (i + 0.5) / PerDoubling), _min, _max);
            }
            return 0;
        }
    }

    private static int BucketOf(double value)
    {
        if (value <= Smallest)
            return 0;
        return Math.Min(PerDoubling * 40 - 1, (int)(Math.Log2(value / Smallest) * PerDoubling));
    }
}
