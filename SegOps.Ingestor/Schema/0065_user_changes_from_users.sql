-- From the inserts into users, so that a change is seen after its users and their events.
CREATE MATERIALIZED VIEW IF NOT EXISTS user_changes_from_users TO user_changes AS
SELECT changed_at AS second, project_id, environment, count() AS users
FROM users
GROUP BY second, project_id, environment
