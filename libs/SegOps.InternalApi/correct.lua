-- Adds ARGV[2], which can be negative, to the figure of the period ARGV[1]. The result is at least 0. KEYS: the project's usage, which is kept for
-- ARGV[3] seconds; absent: for ever.
local used = tonumber(redis.call('HINCRBY', KEYS[1], ARGV[1], ARGV[2]))
if ARGV[3] then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
if used < 0 then
  redis.call('HSET', KEYS[1], ARGV[1], 0)
  return 0
end
return used
