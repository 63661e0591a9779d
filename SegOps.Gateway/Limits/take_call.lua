-- Allows a call if in each window fewer calls than its limit were allowed in the 60 s before it. Each key lists the times of a window's
-- allowed calls, the newest first, as Unix times in microseconds. Needs later_than of calls.lua.
-- The widest window comes first. If it refuses, the others are not touched: callers without number then add no keys.
-- A call that is not `counted` reads the windows only.
-- Returns: allowed (0 or 1), calls left, a wait, and the number of the window that these concern: the one that refuses, or the last.
-- Allowed: time until the window frees a slot. Refused: time until a call is allowed.
local window = 60000000

local function count_calls(key, now)
  if tonumber(redis.call('LINDEX', key, 0) or 0) > now then
    -- The clock went back (another server took over). Calls in the future count as made now: none is lost, and no wait exceeds 60 s.
    local ahead = later_than(key, now)
    redis.call('LTRIM', key, ahead, -1)
    for _ = 1, ahead do redis.call('LPUSH', key, string.format('%.0f', now)) end
    redis.call('EXPIRE', key, 60)
  end

  local count = later_than(key, now - window)
  if count == 0 then redis.call('DEL', key) else redis.call('LTRIM', key, 0, count - 1) end
  return count
end

local function take_call(keys, limits, now, counted)
  local left = 0
  for i, key in ipairs(keys) do
    local limit = tonumber(limits[i])
    local count = count_calls(key, now)
    if count >= limit then
      return 0, 0, tonumber(redis.call('LINDEX', key, limit - 1)) + window - now, i
    end
    left = limit - count
  end

  if counted then
    left = left - 1
    for _, key in ipairs(keys) do
      redis.call('LPUSH', key, string.format('%.0f', now))
      redis.call('EXPIRE', key, 60)
    end
  end
  return 1, left, tonumber(redis.call('LINDEX', keys[#keys], -1) or now) + window - now, #keys
end
