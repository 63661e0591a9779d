-- What was stored before receipts were kept. Their quarters change by it.
INSERT INTO event_receipts
SELECT project_id, environment, toDateTime(toStartOfFifteenMinutes(received_at), 'UTC'), toUInt128(event_id), event_type
FROM events
WHERE received_at >= now() - INTERVAL 8 DAY AND project_id != 'segops-canary'
