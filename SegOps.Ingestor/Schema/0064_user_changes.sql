-- How many users had events stored, by the second of the insert. Segments then read these users from the table users, and evaluate them again. What is
-- older than an hour is found by the nightly evaluation of everything.
CREATE TABLE IF NOT EXISTS user_changes
(
    second      DateTime('UTC'),
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    users       UInt64
)
ENGINE = MergeTree
PARTITION BY toStartOfInterval(second, INTERVAL 15 MINUTE)
ORDER BY second
TTL second + INTERVAL 1 HOUR
SETTINGS ttl_only_drop_parts = 1, auto_statistics_types = ''
