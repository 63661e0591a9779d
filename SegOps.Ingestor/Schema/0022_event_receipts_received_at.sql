-- When each copy was received, so that a client's retry, which is a receipt of its own, can be told from a redelivery, which is not. Receipts
-- from before have 1970: they count in their quarter, and in no minute of it.
ALTER TABLE event_receipts
    ADD COLUMN IF NOT EXISTS received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    MODIFY ORDER BY (project_id, environment, quarter, id, received_at)
