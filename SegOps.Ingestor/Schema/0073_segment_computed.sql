-- The rule that each segment was computed by, as a hash, and its number of members.
CREATE TABLE IF NOT EXISTS segment_computed
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    segment_id  UUID,
    rule_hash   String,
    members     UInt64,
    pass        UInt64,
    computed_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(pass)
ORDER BY (project_id, environment, segment_id)
