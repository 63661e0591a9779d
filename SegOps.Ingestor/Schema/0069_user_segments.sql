-- The rows of segment_members in the order of a pass, which reads all segments of some users. Small granules keep that cheap.
CREATE TABLE IF NOT EXISTS user_segments
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    user_id     String,
    segment_id  UUID,
    generation  UInt64,
    pass        UInt64,
    at          DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(generation)
PRIMARY KEY (project_id, environment, user_id)
ORDER BY (project_id, environment, user_id, segment_id)
SETTINGS index_granularity = 512, auto_statistics_types = ''
