-- When something was last received into a quarter of an hour: tells which roll-ups have to be made again.
CREATE TABLE IF NOT EXISTS quarter_changes
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    quarter     DateTime('UTC'),
    changed_at  SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (project_id, environment, quarter)
TTL quarter + INTERVAL 9 DAY
