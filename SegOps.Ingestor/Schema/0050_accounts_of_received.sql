INSERT INTO accounts (project_id, environment, quarter, event_type, accepted, refused)
SELECT
    project_id,
    environment,
    toStartOfFifteenMinutes(minute) AS quarter,
    '',
    map(toUInt8(intDiv(toUnixTimestamp(minute) % 900, 15)), sum(accepted)),
    map(toUInt8(intDiv(toUnixTimestamp(minute) % 900, 15)), sum(rejected))
FROM received_by_minute FINAL
GROUP BY project_id, environment, minute
