DROP TABLE IF EXISTS received_by_minute
