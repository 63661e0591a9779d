-- Stores the ids of accepted events. KEYS: the hash. ARGV: its expiry in seconds, the time of receipt, and the ids.
-- One HSET for each id, because unpack has a limit.
for i = 3, #ARGV do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[2])
end
return redis.call('EXPIRE', KEYS[1], ARGV[1])
