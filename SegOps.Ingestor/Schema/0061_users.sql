-- Every user that has a stored event: the users among whom segments choose, and those whom Monitoring counts as active. first_seen and last_seen are
-- times of receipt. changed_at is the second of the last insert with a row of the user, by ClickHouse's clock. Previews read every user, so parts that are
-- a day old are merged into one.
CREATE TABLE IF NOT EXISTS users
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    user_id     String,
    first_seen  SimpleAggregateFunction(min, DateTime64(6, 'UTC')),
    last_seen   SimpleAggregateFunction(max, DateTime('UTC')),
    changed_at  SimpleAggregateFunction(max, DateTime('UTC')),

    INDEX changed_at_range changed_at TYPE minmax GRANULARITY 1
)
ENGINE = AggregatingMergeTree
ORDER BY (project_id, environment, user_id)
TTL last_seen + INTERVAL 7 DAY DELETE WHERE environment = 'test'
SETTINGS min_age_to_force_merge_seconds = 86400, auto_statistics_types = ''
