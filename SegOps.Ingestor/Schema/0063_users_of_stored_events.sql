-- Users from before the view was there. Those that both see merge.
INSERT INTO users (project_id, environment, user_id, first_seen, last_seen, changed_at)
SELECT project_id, environment, user_id, min(received_at), max(toDateTime(received_at, 'UTC')), toDateTime(0, 'UTC')
FROM events
WHERE project_id != 'segops-canary'
GROUP BY project_id, environment, user_id
