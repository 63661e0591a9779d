-- Counts one call by Redis's clock and reads the project's month. Needs month.lua, calls.lua and take_call.lua.
-- KEYS: the project's usage, then the calls of each window. ARGV: 1 to count the call or 0, then the calls a minute of each window.
-- Returns: allowed (0 or 1), calls left, wait in microseconds, the window that these concern (from 1), events of the month, seconds of the
-- month, seconds until the next month.
local time = redis.call('TIME')
local windows, limits = {}, {}
for i = 2, #KEYS do windows[i - 1], limits[i - 1] = KEYS[i], ARGV[i] end
local allowed, left, micros, reported = take_call(windows, limits, tonumber(time[1]) * 1000000 + tonumber(time[2]), ARGV[1] == '1')
local month, began, ends = month_of(tonumber(time[1]))
return { allowed, left, micros, reported, tonumber(redis.call('HGET', KEYS[1], month) or 0), ends - began, ends - tonumber(time[1]) }
