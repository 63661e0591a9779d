-- The last closed pass of each project and environment. All flips of this and earlier passes are copied.
CREATE TABLE IF NOT EXISTS segment_passes
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    pass        UInt64,
    as_of       DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(pass)
ORDER BY (project_id, environment)
