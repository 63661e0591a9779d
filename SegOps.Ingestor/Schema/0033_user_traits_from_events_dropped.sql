-- It replaced all traits of a user by those of the latest identify.
DROP VIEW IF EXISTS user_traits_from_events
