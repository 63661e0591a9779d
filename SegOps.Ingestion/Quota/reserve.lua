-- Reserves `ARGV[1]` events of the current month by Redis's clock, or none if the sum would exceed `ARGV[2]` (empty: no limit).
-- KEYS: the project's usage. Returns the result (0 or 1), the new sum, the month and the seconds until the next one.
local time = redis.call('TIME')
local now, count, limit = tonumber(time[1]), tonumber(ARGV[1]), tonumber(ARGV[2])
local month, _, ends = month_of(now)
local used = tonumber(redis.call('HGET', KEYS[1], month) or 0)
if limit and used + count > limit then
  return { 0, used, month, ends - now }
end
return { 1, redis.call('HINCRBY', KEYS[1], month, count), month, ends - now }
