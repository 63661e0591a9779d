INSERT INTO account_types
SELECT DISTINCT toDate(quarter) AS day, project_id, environment, event_type
FROM accounts
WHERE event_type NOT IN ('', '(other)')
