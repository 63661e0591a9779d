-- A project's calls within the last minute: a list of their times in microseconds of Unix time, the newest first. Scripts that read it
-- are joined to this text.

-- How many of the calls came after `time`; they are the first of the list.
local function later_than(key, time)
  local first, last = 0, redis.call('LLEN', key)
  if last == 0 or tonumber(redis.call('LINDEX', key, -1)) > time then return last end
  while first < last do
    local middle = math.floor((first + last) / 2)
    if tonumber(redis.call('LINDEX', key, middle)) > time then first = middle + 1 else last = middle end
  end
  return first
end
