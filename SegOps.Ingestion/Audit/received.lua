-- Sets the counts of one instance in the minute ARGV[1]: pairs of field and value from ARGV[3] on. Stores the time of the change by Redis's
-- own clock in microseconds. Both expire ARGV[2] seconds after the last change. KEYS: the minute, the changes.
local time = redis.call('TIME')
local now, kept = tonumber(time[1]) * 1000000 + tonumber(time[2]), tonumber(ARGV[2])
for i = 3, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
redis.call('EXPIRE', KEYS[1], kept)
redis.call('ZADD', KEYS[2], string.format('%.0f', now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now - kept * 1000000))
redis.call('EXPIRE', KEYS[2], kept)
return #ARGV
