DROP TABLE IF EXISTS quarter_changes
