-- Which quarters of an hour have to be counted again: those into which something was received, and those whose events turned out to have been
-- received before, in another quarter.
CREATE TABLE IF NOT EXISTS quarter_changes
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    quarter     DateTime('UTC'),
    changed_at  SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    recount_at  SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (project_id, environment, quarter)
TTL quarter + INTERVAL 9 DAY
