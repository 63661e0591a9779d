-- One call by Redis's own clock, and what the project's month looks like.
-- KEYS: the bucket's calls, the project's usage. ARGV: calls a minute.
local time = redis.call('TIME')
local allowed, left, micros = take_call(KEYS[1], tonumber(ARGV[1]), tonumber(time[1]) * 1000000 + tonumber(time[2]))
local month, began, ends = month_of(tonumber(time[1]))
return { allowed, left, micros, tonumber(redis.call('HGET', KEYS[2], month) or 0), ends - began, ends - tonumber(time[1]) }
