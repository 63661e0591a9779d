ALTER TABLE event_receipts_from_events MODIFY QUERY
SELECT
    project_id,
    environment,
    toDateTime(toStartOfFifteenMinutes(received_at), 'UTC') AS quarter,
    toUInt128(event_id) AS id,
    event_type,
    received_at
FROM events
WHERE project_id != 'segops-canary'
