-- What the computation of a whole segment found: its users who match, or whose time will come. Users whom a pass has evaluated since it began are
-- again: a later pass evaluates them.
CREATE TABLE IF NOT EXISTS segment_results
(
    computation UInt64,
    user_id     String,
    matched     UInt8,
    next_at     DateTime64(6, 'UTC'),
    again       UInt8,
    written_at  DateTime('UTC') DEFAULT now()
)
ENGINE = MergeTree
PARTITION BY computation
ORDER BY user_id
TTL written_at + INTERVAL 1 DAY
SETTINGS ttl_only_drop_parts = 1, auto_statistics_types = ''
