-- Which users had events stored, by the second of the insert. Segments evaluate them again. What is older than an hour is found by the nightly
-- evaluation of everything.
CREATE TABLE IF NOT EXISTS user_changes
(
    slice       DateTime('UTC'),
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    user_id     String
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(slice, INTERVAL 15 MINUTE)
ORDER BY slice
TTL slice + INTERVAL 1 HOUR
SETTINGS ttl_only_drop_parts = 1, auto_statistics_types = ''
