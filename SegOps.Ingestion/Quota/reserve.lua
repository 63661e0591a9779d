-- Reserves `ARGV[1]` events of the current period by Redis's clock, or none if the sum would exceed `ARGV[2]` (empty: no limit). The period is the
-- month, or the day if `ARGV[3]` is 'day'. Of days, only the current one is kept, for `ARGV[4]` seconds.
-- KEYS: the project's usage. Returns the result (0 or 1), the new sum, the period and the seconds until the next one.
local time = redis.call('TIME')
local now, count, limit = tonumber(time[1]), tonumber(ARGV[1]), tonumber(ARGV[2])
local period, _, ends = period_of(now, ARGV[3])
local used = tonumber(redis.call('HGET', KEYS[1], period) or 0)
if limit and used + count > limit then
  return { 0, used, period, ends - now }
end
if ARGV[3] == 'day' and used == 0 then redis.call('DEL', KEYS[1]) end
used = redis.call('HINCRBY', KEYS[1], period, count)
if ARGV[3] == 'day' then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
return { 1, used, period, ends - now }
