CREATE MATERIALIZED VIEW IF NOT EXISTS account_changes_from_received TO account_changes AS
SELECT 'received' AS source, minute AS slice, sum(length(counts)) AS rows, now64(3, 'UTC') AS changed_at
FROM received
GROUP BY slice
