namespace SegOps.Conformance.Reference;

/// <summary>What the reference client does wrong on purpose, so that the runner's own tests can see a scenario or an invariant fail.</summary>
[Flags]
internal enum Fault : long
{
    None = 0,

    // What is sent.
    RandomIds = 1L << 0,
    WrongTime = 1L << 1,
    OldSentAt = 1L << 2,
    ExtraMembers = 1L << 3,
    SnapshotsLate = 1L << 4,
    IdentifiesOtherwise = 1L << 5,
    NeverCompresses = 1L << 6,
    AlwaysCompresses = 1L << 7,
    ChangesEvents = 1L << 8,
    ChangesIds = 1L << 9,

    // What is taken.
    NoChecks = 1L << 10,
    CountsUnits = 1L << 11,
    BlocksWhenFull = 1L << 12,
    EvictsOldest = 1L << 13,
    TracksAfterShutdown = 1L << 14,

    // When and how much is sent.
    IgnoresCount = 1L << 15,
    Debounces = 1L << 16,
    SmallBatches = 1L << 17,
    IgnoresBytes = 1L << 18,
    LastInFirstOut = 1L << 19,
    TwoAtOnce = 1L << 20,

    // What answers mean.
    BelievesAnyAnswer = 1L << 21,
    IgnoresErrors = 1L << 22,
    DropsWholeBatch = 1L << 23,
    NeverSplits = 1L << 24,
    NoBackoff = 1L << 25,
    NoJitter = 1L << 26,
    IgnoresRetryAfter = 1L << 27,
    FlushEndsPause = 1L << 28,
    IgnoresRateLimit = 1L << 29,
    ProbesWithAll = 1L << 30,
    ReportsEachProbe = 1L << 31,
    NoTimeout = 1L << 32,
    NeverExpires = 1L << 33,

    // Accounts and callbacks.
    WrongStats = 1L << 34,
    LosesEvents = 1L << 35,
    LosesSilently = 1L << 36,
    ReportsTwice = 1L << 37,
    PrintsEvents = 1L << 38,
    DiesOfCallbacks = 1L << 39,

    // The end.
    FlushesNothing = 1L << 40,
    ShutdownDropsAll = 1L << 41,
    ShutdownWaits = 1L << 42,
    StaysAlive = 1L << 43,

    // The disk.
    NeverPersists = 1L << 44,
    ForgetsBeforeAnswer = 1L << 45,
    TakesLockedFiles = 1L << 46,
    DiesOfTornFiles = 1L << 47,
    DiesOfFullDisks = 1L << 48,
}
