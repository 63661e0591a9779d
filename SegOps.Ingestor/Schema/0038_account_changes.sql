-- What the accounts must count: for each source and slice, the rows that were ever inserted, and the state that was counted. A state is twice the
-- rows, plus one if all of them were visible or had a minute to become so. near and anywhere are the states that were searched for duplicates.
-- holder is the time, project and environment that could not be counted, separated by spaces. States only grow, so that several instances can
-- write them.
CREATE TABLE IF NOT EXISTS account_changes
(
    source     Enum8('receipts' = 1, 'errors' = 2, 'received' = 3),
    slice      DateTime('UTC'),
    rows       SimpleAggregateFunction(sum, UInt64),
    far        SimpleAggregateFunction(sum, UInt64),
    late       SimpleAggregateFunction(sum, UInt64),
    changed_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    counted    SimpleAggregateFunction(max, UInt64),
    near       SimpleAggregateFunction(max, UInt64),
    anywhere   SimpleAggregateFunction(max, UInt64),
    holder     SimpleAggregateFunction(max, String)
)
ENGINE = AggregatingMergeTree
ORDER BY (source, slice)
TTL slice + INTERVAL 9 DAY
