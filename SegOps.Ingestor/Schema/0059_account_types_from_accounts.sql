-- What the accounts name once, they name for the rest of the day.
CREATE MATERIALIZED VIEW IF NOT EXISTS account_types_from_accounts TO account_types AS
SELECT DISTINCT toDate(quarter) AS day, project_id, environment, event_type
FROM accounts
WHERE event_type NOT IN ('', '(other)')
