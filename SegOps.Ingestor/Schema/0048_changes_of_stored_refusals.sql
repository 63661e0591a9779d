-- Errors and warnings that were stored before this schema, and can be counted again.
INSERT INTO account_changes (source, slice, rows, changed_at)
SELECT 'errors', toDateTime(intDiv(toUnixTimestamp(received_at), 15) * 15, 'UTC') AS slice, count(), now64(3, 'UTC')
FROM ingestion_errors
WHERE received_at >= now() - INTERVAL 8 DAY
GROUP BY slice
