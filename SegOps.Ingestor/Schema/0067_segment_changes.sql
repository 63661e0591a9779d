-- The change stream: the flips of decided passes, for 90 days, without those of first computations. A pass that is copied twice gives the same rows,
-- which merge. Readers show a pass when segment_passes has it or a later one.
CREATE TABLE IF NOT EXISTS segment_changes
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    segment_id  UUID,
    pass        UInt64,
    user_id     String,
    generation  UInt64,
    at          DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    before      DateTime64(6, 'UTC'),
    reason      Enum8('initial' = 0, 'data' = 1, 'time' = 2, 'rule' = 3, 'repair' = 4)
)
ENGINE = ReplacingMergeTree
ORDER BY (project_id, environment, segment_id, pass, user_id)
TTL toDateTime(at) + INTERVAL 90 DAY
SETTINGS auto_statistics_types = ''
