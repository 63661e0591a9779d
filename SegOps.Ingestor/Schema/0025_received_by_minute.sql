-- What each instance of Ingestion answered in each minute, by its own count (SegOps.Contracts/ReceivedFields). Figures only grow, so that it
-- does not matter how often or by how many instances of Monitoring they are copied. FINAL gives one row a minute and instance.
CREATE TABLE IF NOT EXISTS received_by_minute
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    minute      DateTime('UTC'),
    instance    LowCardinality(String),
    accepted    SimpleAggregateFunction(max, UInt64),
    rejected    SimpleAggregateFunction(max, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(minute)
ORDER BY (project_id, environment, minute, instance)
TTL minute + INTERVAL 9 DAY
SETTINGS ttl_only_drop_parts = 1
