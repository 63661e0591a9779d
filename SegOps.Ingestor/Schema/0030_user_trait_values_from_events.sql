-- The first 200 members of the payload: SegOps.Contracts/EventLimits.MaxTraits, above which Ingestion warns.
CREATE MATERIALIZED VIEW IF NOT EXISTS user_trait_values_from_events TO user_trait_values AS
SELECT
    project_id,
    environment,
    tupleElement(member, 1) AS trait,
    user_id,
    event_id,
    occurred_at,
    tuple(received_at, position, toUInt8(200 - place), tupleElement(member, 2)) AS written
FROM
(
    SELECT
        project_id,
        environment,
        user_id,
        event_id,
        occurred_at,
        received_at,
        position,
        arraySlice(JSONExtractKeysAndValuesRaw(payload), 1, 200) AS members
    FROM events
    WHERE event_type = 'context_identified'
)
ARRAY JOIN members AS member, arrayEnumerate(members) AS place
