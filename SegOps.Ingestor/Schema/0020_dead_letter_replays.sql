-- Which dead letters were replayed, and when their rows were seen in their table: those are open no longer. A letter that was not stored for
-- sure has no row here. Kept as long as the letters themselves, which are older.
CREATE TABLE IF NOT EXISTS dead_letter_replays
(
    project_id     LowCardinality(String),
    environment    LowCardinality(String),
    dead_letter_id UUID,
    replayed_at    DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(replayed_at)
ORDER BY (project_id, environment, dead_letter_id)
TTL toDateTime(replayed_at) + INTERVAL 90 DAY
