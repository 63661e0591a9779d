-- Writes the definition of a segment, unless a segment of the project and environment has changed since they were read. KEYS: their segments.
-- ARGV: the revision that was read, empty if there was none; the new revision; the segment's id; its definition, empty to remove it.
if (redis.call('HGET', KEYS[1], 'revision') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[2])
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[1], ARGV[3])
else
  redis.call('HSET', KEYS[1], ARGV[3], ARGV[4])
end
return 1
