-- From the inserts into users, which hold each user once.
CREATE MATERIALIZED VIEW IF NOT EXISTS user_changes_from_users TO user_changes AS
SELECT toDateTime(now(), 'UTC') AS slice, project_id, environment, user_id
FROM users
