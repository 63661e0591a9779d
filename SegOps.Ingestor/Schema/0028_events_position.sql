-- The event's place in its request, from 0, which orders two identifies of one request. 0 for a single event, and in rows from before.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS
    position UInt16
