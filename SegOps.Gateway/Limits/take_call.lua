-- Allows a call if fewer than `limit` calls were allowed in the 60 s before it. `key` lists the times of the allowed calls, the newest
-- first, as Unix times in microseconds. Needs later_than of calls.lua.
-- Returns: allowed (0 or 1), calls left, and a wait. Allowed: time until the window frees a slot. Refused: time until a call is allowed.
local window = 60000000

local function take_call(key, limit, now)
  if tonumber(redis.call('LINDEX', key, 0) or 0) > now then
    -- The clock went back (another server took over). Calls in the future count as made now: none is lost, and no wait exceeds 60 s.
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
