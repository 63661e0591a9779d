-- Buckets whose receipts are gone, with their counts as those of the first slice.
INSERT INTO accounts (project_id, environment, quarter, event_type, receipts)
SELECT project_id, environment, quarter, type, map(0, events)
FROM
(
    SELECT project_id, environment, quarter, arrayJoin(event_types) AS of_type, of_type.1 AS type, of_type.2 AS events
    FROM volume_by_quarter FINAL
    WHERE quarter < now() - INTERVAL 8 DAY AND quarter NOT IN (SELECT DISTINCT toStartOfFifteenMinutes(slice) FROM receipts)
)
