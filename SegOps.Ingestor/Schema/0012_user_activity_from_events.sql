CREATE MATERIALIZED VIEW IF NOT EXISTS user_activity_from_events TO user_activity AS
SELECT project_id, environment, sipHash64(user_id) AS user, max(toDateTime(received_at, 'UTC')) AS last_seen
FROM events
WHERE project_id != 'segops-canary'
GROUP BY project_id, environment, user
