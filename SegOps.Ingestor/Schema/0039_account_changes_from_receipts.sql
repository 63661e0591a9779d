-- Far are ids whose copies can be anywhere in time, late are receipts that are stored more than 2 min after they were received.
CREATE MATERIALIZED VIEW IF NOT EXISTS account_changes_from_receipts TO account_changes AS
SELECT
    'receipts' AS source,
    slice,
    count() AS rows,
    countIf(made = 0) AS far,
    countIf(received_at < now64(3) - INTERVAL 2 MINUTE) AS late,
    now64(3, 'UTC') AS changed_at
FROM receipts
GROUP BY slice
