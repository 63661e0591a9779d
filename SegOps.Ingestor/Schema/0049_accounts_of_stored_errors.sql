-- Those of older buckets, as counts of the first slice.
INSERT INTO accounts (project_id, environment, quarter, event_type, rejected, warnings)
SELECT project_id, environment, quarter, '', map(0, rejected), map(0, warnings)
FROM volume_by_quarter FINAL
WHERE rejected + warnings > 0 AND quarter NOT IN (SELECT DISTINCT toStartOfFifteenMinutes(slice) FROM account_changes WHERE source = 'errors')
