-- Lets a call through unless `limit` calls were within the 60 s before it, exactly: `key` lists the times of the calls let through, the
-- newest first. Times are Unix times in microseconds. Returns whether it may pass, how many more may, and for how long that holds:
-- until the oldest call leaves the window or, when it may not pass, until one would. Needs later_than, of calls.lua.
local window = 60000000

local function take_call(key, limit, now)
  if tonumber(redis.call('LINDEX', key, 0) or 0) > now then
    -- The clock was set back (another server took over). What lies ahead counts as made now: nothing is forgotten, nor waits over 60 s.
    local ahead = later_than(key, now)
    redis.call('LTRIM', key, ahead, -1)
    for _ = 1, ahead do redis.call('LPUSH', key, string.format('%.0f', now)) end
    redis.call('EXPIRE', key, 60)
  end

  local count = later_than(key, now - window)
  if count == 0 then redis.call('DEL', key) else redis.call('LTRIM', key, 0, count - 1) end

  if count >= limit then
    return 0, 0, tonumber(redis.call('LINDEX', key, limit - 1)) + window - now
  end
  redis.call('LPUSH', key, string.format('%.0f', now))
  redis.call('EXPIRE', key, 60)
  return 1, limit - count - 1, tonumber(redis.call('LINDEX', key, -1)) + window - now
end
