-- Counts one call by Redis's clock and reads the project's usage. Needs month.lua, calls.lua and take_call.lua.
-- KEYS: the project's usage, then the calls of each window. ARGV: 1 to count the call or 0, then the calls a minute of each window, then 'month' or
-- 'day'.
-- Returns: allowed (0 or 1), calls left, wait in microseconds, the window that these concern (from 1), events of the month or day, its seconds,
-- seconds until the next one.
local time = redis.call('TIME')
local windows, limits = {}, {}
for i = 2, #KEYS do windows[i - 1], limits[i - 1] = KEYS[i], ARGV[i] end
local allowed, left, micros, reported = take_call(windows, limits, tonumber(time[1]) * 1000000 + tonumber(time[2]), ARGV[1] == '1')
local period, began, ends = period_of(tonumber(time[1]), ARGV[#KEYS + 1])
return { allowed, left, micros, reported, tonumber(redis.call('HGET', KEYS[1], period) or 0), ends - began, ends - tonumber(time[1]) }
