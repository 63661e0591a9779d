-- Accepted events. A redelivered message brings byte-identical rows, which share their whole sorting key: FINAL merges them.
-- docs/decisions/0004-tables.md says how readers count each event once.
CREATE TABLE IF NOT EXISTS events
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    event_id    UUID,
    event_type  LowCardinality(String),
    user_id     String,
    occurred_at DateTime64(6, 'UTC'),
    received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    sent_at     Nullable(DateTime64(6, 'UTC')),
    request_id  UUID,
    payload     String CODEC(ZSTD(1)),
    ingested_at DateTime64(6, 'UTC') DEFAULT now64(6) CODEC(Delta, ZSTD(1)),

    INDEX received_at_range received_at TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX user_id_bloom user_id TYPE bloom_filter(0.01) GRANULARITY 1,

    -- A row that lacks a field would take the column's default: without an event_id all such rows would count as one.
    CONSTRAINT project_id_given CHECK project_id != '',
    CONSTRAINT environment_known CHECK environment IN ('live', 'test'),
    CONSTRAINT event_id_given CHECK event_id != toUUID('00000000-0000-0000-0000-000000000000'),
    CONSTRAINT event_type_given CHECK event_type != '',
    CONSTRAINT user_id_given CHECK user_id != '',
    CONSTRAINT occurred_at_given CHECK occurred_at >= toDateTime64('2000-01-01 00:00:00', 6, 'UTC'),
    CONSTRAINT received_at_given CHECK received_at >= toDateTime64('2000-01-01 00:00:00', 6, 'UTC')
)
ENGINE = ReplacingMergeTree(received_at)
PARTITION BY toYYYYMM(occurred_at)
PRIMARY KEY (project_id, environment, event_type, toDate(occurred_at), user_id)
ORDER BY (project_id, environment, event_type, toDate(occurred_at), user_id, event_id)
TTL toDateTime(received_at) + INTERVAL 7 DAY DELETE WHERE environment = 'test'
SETTINGS non_replicated_deduplication_window = 1000
