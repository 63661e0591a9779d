-- What was received before this schema. Its slices change by it.
INSERT INTO receipts
SELECT
    toDateTime(intDiv(toUnixTimestamp(at), 15) * 15, 'UTC') AS slice,
    if(
        bitAnd(bitShiftRight(id, 76), 15) = 7
        AND (toInt64(bitShiftRight(id, 80)) BETWEEN toUnixTimestamp64Milli(at) - 30000 AND toUnixTimestamp64Milli(at) + 10000),
        toDateTime(intDiv(toInt64(bitShiftRight(id, 80)), 15000) * 15, 'UTC'),
        toDateTime(0, 'UTC')
    ) AS made,
    project_id,
    environment,
    id,
    if(received_at < toDateTime64('2000-01-01 00:00:00', 6, 'UTC'), toDateTime64(quarter, 6, 'UTC'), received_at) AS at,
    event_type
FROM event_receipts
