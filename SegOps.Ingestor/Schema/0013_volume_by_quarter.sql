-- What was received in each quarter of an hour, each event once, where it was received first. Monitoring makes a row again whenever its
-- quarter has changed, and the one made last holds. FINAL gives one row a quarter.
CREATE TABLE IF NOT EXISTS volume_by_quarter
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    quarter     DateTime('UTC'),
    events      UInt64,
    rejected    UInt64,
    warnings    UInt64,
    event_types Map(String, UInt64),
    computed_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY (project_id, environment, quarter)
TTL quarter + INTERVAL 30 DAY
