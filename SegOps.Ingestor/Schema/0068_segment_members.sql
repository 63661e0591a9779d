-- The latest generation of each user in each segment: members have odd ones. In the order of pages of members.
CREATE TABLE IF NOT EXISTS segment_members
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    segment_id  UUID,
    user_id     String,
    generation  UInt64,
    pass        UInt64,
    at          DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(generation)
ORDER BY (project_id, environment, segment_id, user_id)
SETTINGS auto_statistics_types = ''
