-- The same by the minute, one figure for each of the quarter's fifteen: events whose first receipt it was, and all receipts. What the
-- second has more than the first are events that came before. Empty in rows that were made before.
ALTER TABLE volume_by_quarter
    ADD COLUMN IF NOT EXISTS stored Array(UInt64),
    ADD COLUMN IF NOT EXISTS receipts Array(UInt64)
