-- When a user's segments can change by the passing of time. The user is evaluated then. Evaluating a user too often changes nothing.
CREATE TABLE IF NOT EXISTS segment_due
(
    due_at      DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    user_id     String
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(due_at)
ORDER BY (due_at, project_id, environment, user_id)
TTL toDateTime(due_at) + INTERVAL 1 DAY
SETTINGS auto_statistics_types = ''
