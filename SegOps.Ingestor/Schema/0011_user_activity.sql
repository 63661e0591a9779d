-- When each user was last active: how many users any span of time up to now had. Users are hashes, for only their number is asked:
-- that two of ten million share one of 64 bits has a chance of one in 370,000.
CREATE TABLE IF NOT EXISTS user_activity
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    user        UInt64,
    last_seen   SimpleAggregateFunction(max, DateTime('UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (project_id, environment, user)
TTL last_seen + INTERVAL 9 DAY
