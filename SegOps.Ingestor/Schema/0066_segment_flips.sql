-- Flips of a pass before it is decided: users who enter or leave a segment. A pass that fails or is not decided leaves its rows here, and they
-- are never used. Odd generations are members, even ones are not. before is when the generation before began, 1970 if there was none.
CREATE TABLE IF NOT EXISTS segment_flips
(
    pass        UInt64,
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    segment_id  UUID,
    user_id     String,
    generation  UInt64,
    at          DateTime64(6, 'UTC'),
    before      DateTime64(6, 'UTC'),
    reason      Enum8('initial' = 0, 'data' = 1, 'time' = 2, 'rule' = 3, 'repair' = 4),
    written_at  DateTime('UTC') DEFAULT now()
)
ENGINE = MergeTree
PARTITION BY toDate(written_at)
ORDER BY (pass, segment_id, user_id)
TTL written_at + INTERVAL 2 DAY
SETTINGS ttl_only_drop_parts = 1, auto_statistics_types = ''
