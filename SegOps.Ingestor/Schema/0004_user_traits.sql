-- The latest traits of each user, by occurred_at. FINAL gives one row a user. The version breaks ties by received_at, so that neither
-- an older identify that comes late nor a redelivery ever wins. Test users go with their events.
CREATE TABLE IF NOT EXISTS user_traits
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    user_id     String,
    traits      String CODEC(ZSTD(1)),
    occurred_at DateTime64(6, 'UTC'),
    received_at DateTime64(6, 'UTC'),
    event_id    UUID,
    version     UInt128
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, environment, user_id)
TTL toDateTime(received_at) + INTERVAL 7 DAY DELETE WHERE environment = 'test'
