-- Counts one call by Redis's clock and reads the project's month. Needs month.lua, calls.lua and take_call.lua.
-- KEYS: the bucket's calls, the project's usage. ARGV: calls a minute.
-- Returns: allowed (0 or 1), calls left, wait in microseconds, events of the month, seconds of the month, seconds until the next month.
local time = redis.call('TIME')
local allowed, left, micros = take_call(KEYS[1], tonumber(ARGV[1]), tonumber(time[1]) * 1000000 + tonumber(time[2]))
local month, began, ends = month_of(tonumber(time[1]))
return { allowed, left, micros, tonumber(redis.call('HGET', KEYS[2], month) or 0), ends - began, ends - tonumber(time[1]) }
