-- Which events were refused, so that one can be found by its id: one for a fault of its own, all valid ones for a fault of their request.
ALTER TABLE ingestion_errors
    ADD COLUMN IF NOT EXISTS
    event_ids Array(UUID),
    ADD INDEX IF NOT EXISTS event_ids_bloom event_ids TYPE bloom_filter(0.01) GRANULARITY 1
