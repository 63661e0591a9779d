-- The canary's events are nobody's.
CREATE MATERIALIZED VIEW IF NOT EXISTS event_receipts_from_events TO event_receipts AS
SELECT project_id, environment, toDateTime(toStartOfFifteenMinutes(received_at), 'UTC') AS quarter, toUInt128(event_id) AS id, event_type
FROM events
WHERE project_id != 'segops-canary'
