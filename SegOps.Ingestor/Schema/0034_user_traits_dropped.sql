-- All of it is in events. A view takes its name.
DROP TABLE IF EXISTS user_traits
