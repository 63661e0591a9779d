-- The canary's events belong to no customer. The time of a UUID version 7 is in its first 48 bits, in milliseconds.
CREATE MATERIALIZED VIEW IF NOT EXISTS receipts_from_events TO receipts AS
SELECT
    toDateTime(intDiv(toUnixTimestamp(received_at), 15) * 15, 'UTC') AS slice,
    if(
        bitAnd(bitShiftRight(id, 76), 15) = 7
        AND (toInt64(bitShiftRight(id, 80)) BETWEEN toUnixTimestamp64Milli(received_at) - 30000 AND toUnixTimestamp64Milli(received_at) + 10000),
        toDateTime(intDiv(toInt64(bitShiftRight(id, 80)), 15000) * 15, 'UTC'),
        toDateTime(0, 'UTC')
    ) AS made,
    project_id,
    environment,
    toUInt128(event_id) AS id,
    received_at,
    event_type
FROM events
WHERE project_id != 'segops-canary'
