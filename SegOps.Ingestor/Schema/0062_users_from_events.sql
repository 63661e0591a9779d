CREATE MATERIALIZED VIEW IF NOT EXISTS users_from_events TO users AS
SELECT
    project_id,
    environment,
    user_id,
    min(received_at) AS first_seen,
    max(toDateTime(received_at, 'UTC')) AS last_seen,
    toDateTime(now(), 'UTC') AS changed_at
FROM events
WHERE project_id != 'segops-canary'
GROUP BY project_id, environment, user_id
