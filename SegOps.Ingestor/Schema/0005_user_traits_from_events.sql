CREATE MATERIALIZED VIEW IF NOT EXISTS user_traits_from_events TO user_traits AS
SELECT
    project_id,
    environment,
    user_id,
    payload AS traits,
    occurred_at,
    received_at,
    event_id,
    bitShiftLeft(toUInt128(toUnixTimestamp64Micro(occurred_at)), 64) + toUInt128(toUnixTimestamp64Micro(received_at)) AS version
FROM events
WHERE event_type = 'context_identified'
