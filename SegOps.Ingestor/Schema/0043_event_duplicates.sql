-- Receipts of events that were received before, in another request: what the accounts subtract. A receipt stays a duplicate, so that it does not
-- matter how often it is found. FINAL gives each once.
CREATE TABLE IF NOT EXISTS event_duplicates
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    slice       DateTime('UTC'),
    id          UInt128,
    received_at DateTime64(6, 'UTC'),
    event_type  LowCardinality(String)
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(slice)
ORDER BY (project_id, environment, slice, id, received_at)
TTL slice + INTERVAL 40 DAY
SETTINGS ttl_only_drop_parts = 1
