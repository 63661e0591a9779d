DROP VIEW IF EXISTS quarter_changes_from_errors
