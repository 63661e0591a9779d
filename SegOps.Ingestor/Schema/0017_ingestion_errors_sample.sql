-- The shape of an event at fault, its values masked: a JSON object such as {"user_id":"number"}, or nothing.
ALTER TABLE ingestion_errors
    ADD COLUMN IF NOT EXISTS
    sample String CODEC(ZSTD(1))
