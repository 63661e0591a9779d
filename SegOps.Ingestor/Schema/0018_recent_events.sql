-- The newest events, in memory, for the live stream: however much a project has stored, looking for what has just come in costs the same.
-- The oldest inserts go first, above 64 MB. Copies of an event are copies here too, and a restart empties it: readers live with both.
CREATE TABLE IF NOT EXISTS recent_events
(
    project_id  LowCardinality(String),
    environment LowCardinality(String),
    event_id    UUID,
    event_type  LowCardinality(String),
    user_id     String,
    occurred_at DateTime64(6, 'UTC'),
    received_at DateTime64(6, 'UTC'),
    request_id  UUID,
    payload     String,
    ingested_at DateTime64(6, 'UTC')
)
ENGINE = Memory
SETTINGS min_bytes_to_keep = 32000000, max_bytes_to_keep = 64000000
