-- The traits that each user has: the latest write of each, unless it is null. A write never counts as later than its receipt, so that a clock
-- that is ahead does not pin a trait. Ids are compared as numbers, because UUIDs do not sort by time and numbers do.
CREATE VIEW IF NOT EXISTS latest_traits AS
SELECT
    project_id,
    environment,
    user_id,
    trait,
    tupleElement(latest, 6) AS value,
    tupleElement(latest, 1) AS set_at,
    tupleElement(latest, 2) AS received_at,
    tupleElement(latest, 5) AS event_id
FROM
(
    SELECT
        project_id,
        environment,
        user_id,
        trait,
        max(tuple(least(tupleElement(first, 1), at), tupleElement(first, 1), tupleElement(first, 2), toUInt128(event_id), event_id, tupleElement(first, 4))) AS latest
    FROM
    (
        SELECT project_id, environment, user_id, trait, event_id, min(occurred_at) AS at, min(written) AS first
        FROM user_trait_values
        GROUP BY project_id, environment, user_id, trait, event_id
    )
    GROUP BY project_id, environment, user_id, trait
)
WHERE value != 'null'
