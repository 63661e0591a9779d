-- What was stored before the view was there. An event that both see gives the same rows, which merge.
INSERT INTO user_trait_values (project_id, environment, trait, user_id, event_id, occurred_at, written)
SELECT
    project_id,
    environment,
    tupleElement(member, 1),
    user_id,
    event_id,
    occurred_at,
    tuple(received_at, position, toUInt8(200 - place), tupleElement(member, 2))
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
