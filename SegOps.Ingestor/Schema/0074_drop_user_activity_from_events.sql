-- The table users has when each user was last active, too.
DROP VIEW IF EXISTS user_activity_from_events
