-- The event types that the accounts name, by project and day (UTC): the first 10,000 of a day. Further ones are counted together, as (other).
CREATE TABLE IF NOT EXISTS account_types
(
    day         Date,
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    event_type  LowCardinality(String)
)
ENGINE = ReplacingMergeTree
PARTITION BY day
ORDER BY (day, project_id, environment, event_type)
TTL day + INTERVAL 40 DAY
SETTINGS ttl_only_drop_parts = 1
