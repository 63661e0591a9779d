-- The traits of each user as one JSON object.
CREATE VIEW IF NOT EXISTS user_traits AS
SELECT
    project_id,
    environment,
    user_id,
    concat('{', arrayStringConcat(arraySort(groupArray(concat(toJSONString(trait), ':', value))), ','), '}') AS traits,
    max(set_at) AS updated_at
FROM latest_traits
GROUP BY project_id, environment, user_id
