-- Reads a project's usage: calls of the last minute, live events of the calendar month, and that month.
-- KEYS: the bucket's calls, the project's usage.
local time = redis.call('TIME')
local seconds = tonumber(time[1])
local month, began, ends = month_of(seconds)
local calls = later_than(KEYS[1], seconds * 1000000 + tonumber(time[2]) - 60000000)
return { calls, tonumber(redis.call('HGET', KEYS[2], month) or 0), month, ends }
