-- Every user that has a stored event: the users among whom segments choose. The times are those of receipt.
CREATE TABLE IF NOT EXISTS users
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    user_id     String,
    first_seen  SimpleAggregateFunction(min, DateTime64(6, 'UTC')),
    last_seen   SimpleAggregateFunction(max, DateTime64(6, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (project_id, environment, user_id)
TTL toDateTime(last_seen) + INTERVAL 7 DAY DELETE WHERE environment = 'test'
SETTINGS auto_statistics_types = ''
