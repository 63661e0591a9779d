-- month_of(seconds) returns the UTC calendar month of a Unix time: its name (yyyy-MM), its start and the start of the next month.
-- Prepended to scripts that need it. The arithmetic counts days since 1970-01-01 in years that begin in March, so that the leap day is last.
local function first_of(year, month)
  if month <= 2 then year = year - 1 end
  local era = math.floor(year / 400)
  local year_of_era = year - era * 400
  local shifted = month > 2 and month - 3 or month + 9
  local days = year_of_era * 365 + math.floor(year_of_era / 4) - math.floor(year_of_era / 100) + math.floor((153 * shifted + 2) / 5)
  return (era * 146097 + days - 719468) * 86400
end

local function month_of(seconds)
  local days = math.floor(seconds / 86400) + 719468
  local era = math.floor(days / 146097)
  local rest = days - era * 146097
  local year_of_era = math.floor((rest - math.floor(rest / 1460) + math.floor(rest / 36524) - math.floor(rest / 146096)) / 365)
  local day_of_year = rest - (365 * year_of_era + math.floor(year_of_era / 4) - math.floor(year_of_era / 100))
  local shifted = math.floor((5 * day_of_year + 2) / 153)
  local month = shifted < 10 and shifted + 3 or shifted - 9
  local year = year_of_era + era * 400 + (month <= 2 and 1 or 0)
  local following = month == 12 and first_of(year + 1, 1) or first_of(year, month + 1)
  return string.format('%04d-%02d', year, month), first_of(year, month), following
end

-- period_of(seconds, unit) returns the same for the month, or for the unit 'day' of the UTC day, whose name is its number since 1970-01-01.
local function period_of(seconds, unit)
  if unit ~= 'day' then return month_of(seconds) end
  local day = math.floor(seconds / 86400)
  return string.format('%d', day), day * 86400, (day + 1) * 86400
end
