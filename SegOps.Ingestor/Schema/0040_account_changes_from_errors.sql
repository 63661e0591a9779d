CREATE MATERIALIZED VIEW IF NOT EXISTS account_changes_from_errors TO account_changes AS
SELECT 'errors' AS source, toDateTime(intDiv(toUnixTimestamp(received_at), 15) * 15, 'UTC') AS slice, count() AS rows, now64(3, 'UTC') AS changed_at
FROM ingestion_errors
GROUP BY slice
