-- Users from before the view was there. Those that both see merge.
INSERT INTO users (project_id, environment, user_id, first_seen, last_seen)
SELECT project_id, environment, user_id, min(received_at), max(received_at)
FROM events
WHERE project_id != 'segops-canary'
GROUP BY project_id, environment, user_id
