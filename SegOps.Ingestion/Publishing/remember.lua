-- Remembers accepted events. KEYS: the hash. ARGV: how long it is kept, in seconds; when the events were received; and each event's id.
-- One HSET for each id, because unpack has a limit.
for i = 3, #ARGV do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[2])
end
return redis.call('EXPIRE', KEYS[1], ARGV[1])
