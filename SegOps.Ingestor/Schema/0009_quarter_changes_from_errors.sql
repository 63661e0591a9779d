CREATE MATERIALIZED VIEW IF NOT EXISTS quarter_changes_from_errors TO quarter_changes AS
SELECT project_id, environment, toDateTime(toStartOfFifteenMinutes(received_at), 'UTC') AS quarter, now64(3, 'UTC') AS changed_at
FROM ingestion_errors
GROUP BY project_id, environment, quarter
