using System.Security.Cryptography;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>Walks over the lines of a trail and remembers what the next line must look like.</summary>
internal sealed class TrailWalk : IDisposable
{
    private readonly AuditVerifyOptions _options;
    private readonly Dictionary<(string Chain, long Sequence), TrailAnchor> _anchors;
    private readonly Dictionary<string, long> _firstOfChain = new(StringComparer.Ordinal);
    private readonly List<string> _remarks = [];
    private ECDsa? _key;
    private string _keyId = "";
    private string _file = "";
    private long _line;
    private int _files;
    private long _entries;
    private int _checkpoints;
    private long _sinceCheckpoint;
    private DateTimeOffset? _lastCheckpoint;
    private string _chain = "";
    private long _first;
    private long _sequence;
    private string _head = "";
    private AuditBreak? _break;
    private TornRegion? _torn;
    private bool _mustBeCheckpoint;

    public TrailWalk(AuditVerifyOptions options, IReadOnlyList<TrailAnchor> anchors)
    {
        _options = options;
        _anchors = anchors.ToDictionary(a => (a.Chain, a.Sequence));
        if (options.PublicKey.Length > 0)
            (_key, _keyId) = AuditVerifier.ImportKey(options.PublicKey);
    }

    public void BeginFile(string name)
    {
        _file = name;
        _line = 0;
        _files++;
    }

    /// <summary>Takes the next line, without its line feed; false when it does not hold.</summary>
    public bool Line(ReadOnlySpan<byte> line)
    {
        _line++;
        string? wrong = TrailLine.KindOf(line, out TrailLineKind kind, out DateTimeOffset time);
        if (wrong is not null || !ChainLine.TryParse(line, out ChainLine? parsed))
        {
            // Only a later line can tell whether this one was torn by a crash.
            (_torn ??= new TornRegion(_file, _line)).Add(line);
            return true;
        }
        ChainLine current = parsed.Value;
        string hash = ChainLine.HashOf(line[..current.HashedBytes]);
        if (hash != current.Hash)
            return _torn is null
                ? Fail("the line was changed: its hash does not fit", Short(hash), Short(current.Hash))
                : TornBreak("the line is damaged");
        if ((kind == TrailLineKind.Checkpoint) != (current.Signature.Length > 0))
            return Fail("a checkpoint has a signature, other lines have none");
        ChainNote? note = kind == TrailLineKind.Chain ? TrailLine.NoteOf(line) : null;
        if (!IsTornLineClosed(note) || !IsNext(current, note))
            return false;
        if (_mustBeCheckpoint && kind != TrailLineKind.Checkpoint)
            return Fail("the line before begins or takes up the chain and must be followed by a checkpoint");
        Remark(current, note);
        if (note is not null && !UseKey(note.PublicKey))
            return Fail("the trail names another public key than the one it is checked with");
        if (kind == TrailLineKind.Checkpoint && !IsSigned(current, time))
            return false;
        if (_anchors.Remove((current.Chain, current.Sequence), out TrailAnchor? anchor) && anchor.Hash != current.Hash)
            return Fail("the trail differs from a checkpoint that was kept elsewhere", Short(anchor.Hash), Short(current.Hash));
        _mustBeCheckpoint = note is not null;
        Accept(current);
        return true;
    }

    /// <summary>Takes bytes after the last line feed of a file: they are a break unless a later file closes them off.</summary>
    public bool Unfinished(ReadOnlySpan<byte> rest)
    {
        _line++;
        (_torn ??= new TornRegion(_file, _line)).Add(rest);
        return true;
    }

    public AuditVerifyResult Finish()
    {
        if (_break is null && _torn is not null)
            TornBreak("the line is damaged or incomplete, and no later line closes it off");
        if (_break is null && _mustBeCheckpoint)
            Fail("the trail ends where it begins or is taken up, without the checkpoint that must follow");
        if (_break is null && _anchors.Values.Where(IsWithin).MinBy(a => a.Sequence) is { } missing)
            _break = new AuditBreak(_file, _line, missing.Sequence, "the trail lacks a checkpoint that was kept elsewhere: entries were removed", Short(missing.Hash), $"end at seq {_sequence}");
        if (_break is null && _entries == 0)
            _break = new AuditBreak(_file, 0, 0, "the trail is empty");
        return new AuditVerifyResult
        {
            Break = _break,
            Entries = _entries,
            Files = _files,
            Checkpoints = _checkpoints,
            EntriesAfterCheckpoint = _sinceCheckpoint,
            LastCheckpoint = _lastCheckpoint,
            FirstSequence = _first,
            LastSequence = _sequence,
            Head = _head,
            KeyId = _keyId,
            IsKeyGiven = _options.PublicKey.Length > 0,
            Remarks = _remarks,
        };
    }

    public void Dispose()
    {
        _key?.Dispose();
        _torn?.Dispose();
    }

    private bool IsNext(in ChainLine current, ChainNote? note)
    {
        if (_entries == 0)
        {
            if (current.Sequence == 1)
                return note is { Kind: "start" } && current.Previous == ChainLine.Zeros || Fail("the first line of a chain must begin it");
            return !_options.FromGenesis || Fail("the beginning of the trail is missing", "seq 1", $"seq {current.Sequence}");
        }
        if (current.Chain != _chain)
        {
            // Another chain may only begin, and only in another file or after the end of what the device kept.
            if (note is not { Kind: "start" } || current.Sequence != 1 || current.Previous != ChainLine.Zeros)
                return Fail("the line belongs to another chain", _chain, current.Chain);
            _remarks.Add($"{_file}, line {_line}: a new chain begins; the chain before ends at seq {_sequence}");
            return true;
        }
        long skipped = note?.Skipped ?? 0;
        if (current.Sequence != _sequence + 1)
        {
            bool isDeclared = current.Sequence > _sequence + 1 && current.Sequence - _sequence - 1 <= skipped;
            return isDeclared || Fail(
                current.Sequence <= _sequence ? "a line is there twice or in the wrong order" : "lines are missing",
                $"seq {_sequence + 1}",
                $"seq {current.Sequence}");
        }
        return current.Previous == _head || Fail("the line does not follow the one before", Short(_head), Short(current.Previous));
    }

    private bool IsTornLineClosed(ChainNote? note)
    {
        if (_torn is not { } torn)
            return note is not { TornBytes: > 0 } || Fail("the torn line that this line closes off is missing");
        if (note is null || note.TornBytes != torn.Bytes || note.TornHash != torn.Hash())
            return TornBreak("the line is damaged or incomplete, and the next one does not close it off");
        _remarks.Add($"{torn.File}, line {torn.Line}: {torn.Bytes} bytes of a line that was being written when the server ended; closed off by seq {_sequence + 1}");
        torn.Dispose();
        _torn = null;
        return true;
    }

    private void Remark(in ChainLine current, ChainNote? note)
    {
        if (note is { Lost: > 0 })
            _remarks.Add($"{_file}, line {_line}: the device did not take {note.Lost} entries before seq {current.Sequence}; look for them on the other devices");
        if (note is { Skipped: > 0 } && current.Sequence != _sequence + 1)
            _remarks.Add($"{_file}, line {_line}: {current.Sequence - _sequence - 1} lines before seq {current.Sequence} were lost on the way to the device");
        if (note is { Missing: > 0 })
            _remarks.Add($"{_file}, line {_line}: the vault says that entries up to seq {note.Missing} were missing from the file when it was opened");
    }

    private bool UseKey(string publicKey)
    {
        try
        {
            (ECDsa key, string id) = AuditVerifier.ImportKey(publicKey);
            if (_key is not null)
            {
                key.Dispose();
                return id == _keyId;
            }
            (_key, _keyId) = (key, id);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private bool IsSigned(in ChainLine current, DateTimeOffset time)
    {
        if (_key is null)
            return Fail("the trail does not name its public key before this checkpoint: give the key");
        if (!TrailLine.IsSigned(_key, current.Hash, current.Signature))
            return Fail("the signature of the checkpoint does not fit");
        _checkpoints++;
        _sinceCheckpoint = -1;
        _lastCheckpoint = time;
        return true;
    }

    private bool IsWithin(TrailAnchor anchor) => _firstOfChain.TryGetValue(anchor.Chain, out long first) && anchor.Sequence >= first;

    private void Accept(in ChainLine current)
    {
        if (_entries++ == 0)
            _first = current.Sequence;
        _firstOfChain.TryAdd(current.Chain, current.Sequence);
        _sinceCheckpoint++;
        _chain = current.Chain;
        _sequence = current.Sequence;
        _head = current.Hash;
    }

    private bool Fail(string reason, string expected = "", string found = "")
    {
        _break ??= new AuditBreak(_file, _line, _entries == 0 ? 0 : _sequence + 1, reason, expected, found);
        return false;
    }

    private bool TornBreak(string reason)
    {
        _break ??= new AuditBreak(_torn?.File ?? _file, _torn?.Line ?? _line, _entries == 0 ? 0 : _sequence + 1, reason);
        return false;
    }

    private static string Short(string hash) => hash.Length > 12 ? hash[..12] + "…" : hash;
}

/// <summary>Consecutive lines that are none: what a crash left, or damage.</summary>
internal sealed class TornRegion(string file, long line) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public string File { get; } = file;

    public long Line { get; } = line;

    public long Bytes { get; private set; }

    public void Add(ReadOnlySpan<byte> text)
    {
        if (Bytes > 0)
        {
            _hash.AppendData("\n"u8);
            Bytes++;
        }
        _hash.AppendData(text);
        Bytes += text.Length;
    }

    public string Hash() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public void Dispose() => _hash.Dispose();
}
