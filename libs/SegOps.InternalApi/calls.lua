-- A project's calls within the last minute are a list of Unix times in microseconds, newest first. Prepended to scripts that read it.

-- Returns the number of calls after `time`, which are the first in the list.
local function later_than(key, time)
  local first, last = 0, redis.call('LLEN', key)
  if last == 0 or tonumber(redis.call('LINDEX', key, -1)) > time then return last end
  while first < last do
    local middle = math.floor((first + last) / 2)
    if tonumber(redis.call('LINDEX', key, middle)) > time then first = middle + 1 else last = middle end
  end
  return first
end
