-- What validation refused or warned of, for 30 days. A redelivered message brings the same error_id: FINAL counts it once.
CREATE TABLE IF NOT EXISTS ingestion_errors
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    error_id    UUID,
    request_id  UUID,
    received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    severity    LowCardinality(String),
    code        LowCardinality(String),
    field       String,
    message     String CODEC(ZSTD(1)),
    event_index Int32,
    occurrences UInt32,
    ingested_at DateTime64(6, 'UTC') DEFAULT now64(6),

    CONSTRAINT project_id_given CHECK project_id != '',
    CONSTRAINT error_id_given CHECK error_id != toUUID('00000000-0000-0000-0000-000000000000'),
    CONSTRAINT received_at_given CHECK received_at >= toDateTime64('2000-01-01 00:00:00', 6, 'UTC')
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(received_at)
ORDER BY (project_id, environment, received_at, error_id)
TTL toDateTime(received_at) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1
