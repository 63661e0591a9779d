-- What Ingestion answered, by its own count: one row for each of its reports and minute. A count is a project, an environment, and the accepted and
-- refused events since the instance's last report. A redelivered report has the same id: FINAL gives it once.
CREATE TABLE IF NOT EXISTS received
(
    minute    DateTime('UTC'),
    report_id UUID,
    counts    Array(Tuple(String, String, UInt64, UInt64)),

    CONSTRAINT minute_given CHECK minute >= toDateTime('2000-01-01 00:00:00', 'UTC'),
    CONSTRAINT report_id_given CHECK report_id != toUUID('00000000-0000-0000-0000-000000000000')
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(minute)
ORDER BY (minute, report_id)
TTL minute + INTERVAL 9 DAY
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1
