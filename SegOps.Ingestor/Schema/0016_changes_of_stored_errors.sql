INSERT INTO quarter_changes (project_id, environment, quarter, changed_at)
SELECT DISTINCT project_id, environment, toDateTime(toStartOfFifteenMinutes(received_at), 'UTC'), now64(3, 'UTC')
FROM ingestion_errors
WHERE received_at >= now() - INTERVAL 8 DAY
