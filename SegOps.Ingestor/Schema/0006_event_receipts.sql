-- In which quarter of an hour each event was received, for every copy of it: what roll-ups count from. Unlike in events, no copy replaces
-- another, so that where an event was received first can still be told. The id is a number, for UUIDs do not sort by time and numbers do.
CREATE TABLE IF NOT EXISTS event_receipts
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    quarter     DateTime('UTC'),
    id          UInt128,
    event_type  LowCardinality(String)
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(quarter)
ORDER BY (project_id, environment, quarter, id)
TTL quarter + INTERVAL 9 DAY
SETTINGS ttl_only_drop_parts = 1
