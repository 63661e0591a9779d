-- Without the canary's, which nobody is shown (SegOps.Contracts/Canary).
CREATE MATERIALIZED VIEW IF NOT EXISTS recent_events_from_events TO recent_events AS
SELECT
    project_id,
    environment,
    event_id,
    event_type,
    user_id,
    occurred_at,
    received_at,
    request_id,
    payload,
    ingested_at
FROM events
WHERE project_id != 'segops-canary'
