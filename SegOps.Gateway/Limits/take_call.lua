-- Lets a call through unless `limit` calls were within the 60 s before it, exactly: `key` lists the times of the calls let through, the
-- newest first. Times are Unix times in microseconds. Returns whether it may pass, how many more may, and for how long that holds:
-- until the oldest call leaves the window or, when it may not pass, until one would.
local window = 60000000

local function take_call(key, limit, now)
  local newest = tonumber(redis.call('LINDEX', key, 0) or 0)
  if newest - now > window then
    -- The clock was set back by more than a window (another server took over): those calls say nothing any more.
    redis.call('DEL', key)
  elseif newest > now then
    now = newest
  end

  local count = redis.call('LLEN', key)
  if count > 0 and tonumber(redis.call('LINDEX', key, -1)) <= now - window then
    local first, last = 0, count - 1 -- the newest that has left the window is between them
    while first < last do
      local middle = math.floor((first + last) / 2)
      if tonumber(redis.call('LINDEX', key, middle)) > now - window then first = middle + 1 else last = middle end
    end
    count = first
    if count == 0 then redis.call('DEL', key) else redis.call('LTRIM', key, 0, count - 1) end
  end

  if count >= limit then
    return 0, 0, tonumber(redis.call('LINDEX', key, limit - 1)) + window - now
  end
  redis.call('LPUSH', key, string.format('%.0f', now))
  redis.call('EXPIRE', key, 60)
  return 1, limit - count - 1, tonumber(redis.call('LINDEX', key, -1)) + window - now
end
