DROP TABLE IF EXISTS event_receipts
