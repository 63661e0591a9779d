INSERT INTO user_activity
SELECT project_id, environment, sipHash64(user_id), max(toDateTime(received_at, 'UTC'))
FROM events
WHERE received_at >= now() - INTERVAL 8 DAY AND project_id != 'segops-canary'
GROUP BY project_id, environment, user_id
