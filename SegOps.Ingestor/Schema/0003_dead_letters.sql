-- What ClickHouse refused, row by row, and whole messages that nothing could be made of, for 90 days.
-- dead_letter_id is a hash over the message, so that FINAL gives one row for it however often it came, the first.
CREATE TABLE IF NOT EXISTS dead_letters
(
    project_id     LowCardinality(String),
    environment    LowCardinality(String),
    dead_letter_id UUID,
    source_table   LowCardinality(String),
    event_id       Nullable(UUID),
    code           LowCardinality(String),
    message        String CODEC(ZSTD(1)),
    raw            String DEFAULT base64Decode(raw_base64) CODEC(ZSTD(1)),
    raw_base64     String EPHEMERAL '',
    message_id     String,
    attributes     Map(LowCardinality(String), String),
    first_seen     DateTime64(6, 'UTC'),
    earliness      UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Micro(first_seen))
)
ENGINE = ReplacingMergeTree(earliness)
ORDER BY (project_id, environment, dead_letter_id)
TTL toDateTime(first_seen) + INTERVAL 90 DAY
