-- What each identify wrote to each trait of its user. The first copy of an event counts, so that a retry changes nothing: times are the
-- earliest, and the value is that of the first receipt. If the payload has a key twice, the later one has the lower rank. The key is in the order
-- of queries for the users with a trait. The filter finds the traits of one user, and small granules keep that cheap.
CREATE TABLE IF NOT EXISTS user_trait_values
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    trait       LowCardinality(String),
    user_id     String,
    event_id    UUID,
    occurred_at SimpleAggregateFunction(min, DateTime64(6, 'UTC')),
    written     SimpleAggregateFunction(min, Tuple(received_at DateTime64(6, 'UTC'), position UInt16, rank UInt8, value String)) CODEC(ZSTD(1)),

    INDEX user_id_bloom user_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = AggregatingMergeTree
PRIMARY KEY (project_id, environment, trait, user_id)
ORDER BY (project_id, environment, trait, user_id, event_id)
TTL toDateTime(tupleElement(written, 1)) + INTERVAL 7 DAY DELETE WHERE environment = 'test'
SETTINGS index_granularity = 1024, auto_statistics_types = ''
