CREATE MATERIALIZED VIEW IF NOT EXISTS quarter_changes_from_receipts TO quarter_changes AS
SELECT project_id, environment, quarter, now64(3, 'UTC') AS changed_at
FROM event_receipts
GROUP BY project_id, environment, quarter
