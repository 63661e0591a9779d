-- When each copy of an event was received, in the order of time: what the accounts count. A slice is 15 s of received_at. Rows that are equal in
-- id and received_at are one receipt: a redelivered message or a repeated insert. The id is a number, because UUIDs do not sort by time and
-- numbers do. A timely id is a UUID version 7 that was made up to 30 s before its receipt. made is the slice in which it was made, and 1970 for other
-- ids.
CREATE TABLE IF NOT EXISTS receipts
(
    slice       DateTime('UTC') CODEC(Delta, ZSTD(1)),
    made        DateTime('UTC') CODEC(Delta, ZSTD(1)),
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    id          UInt128,
    received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    event_type  LowCardinality(String),

    INDEX id_range id TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(slice)
PRIMARY KEY (slice, made, project_id, environment)
ORDER BY (slice, made, project_id, environment, received_at, id)
TTL slice + INTERVAL 9 DAY
SETTINGS ttl_only_drop_parts = 1
