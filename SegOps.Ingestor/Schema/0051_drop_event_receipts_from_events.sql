DROP VIEW IF EXISTS event_receipts_from_events
