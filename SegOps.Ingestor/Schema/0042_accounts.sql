-- The accounts: what was received in each 15-minute bucket of a project, by event type. Keys of the maps are slices, the 60 parts of 15 s of the
-- bucket. receipts counts stored receipts. accepted and refused are Ingestion's own counts, by the minute, and rejected and warnings count
-- ingestion_errors, all four with an empty event type. Counts only grow, so that it does not matter how often a slice is counted, or by how
-- many instances: the largest holds. Kept for as long as the monthly figures need them.
CREATE TABLE IF NOT EXISTS accounts
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    quarter     DateTime('UTC'),
    event_type  LowCardinality(String),
    receipts    SimpleAggregateFunction(maxMap, Map(UInt8, UInt64)),
    accepted    SimpleAggregateFunction(maxMap, Map(UInt8, UInt64)),
    refused     SimpleAggregateFunction(maxMap, Map(UInt8, UInt64)),
    rejected    SimpleAggregateFunction(maxMap, Map(UInt8, UInt64)),
    warnings    SimpleAggregateFunction(maxMap, Map(UInt8, UInt64))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(quarter)
ORDER BY (project_id, environment, quarter, event_type)
TTL quarter + INTERVAL 40 DAY
SETTINGS ttl_only_drop_parts = 1
