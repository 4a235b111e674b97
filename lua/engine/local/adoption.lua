--- Making what may be there already: an operation that is taken up after a kill finds what it had
--- made, and keeps it.
local fault = require "engine.local.fault"

local adoption = {}

--- Calls `create`; when it is refused because the name is taken, and the job is one taken up again,
--- what `find` gives is kept instead.
---@param job engine.local.Job
---@param codes table<string, true>  the refusals that say "taken"
---@param create fun(): any
---@param find fun(): any
---@return any
function adoption.create(job, codes, create, find)
  local ok, result = pcall(create)
  if ok then
    return result
  elseif job.resumed and fault.is(result) and codes[result.code] then
    return find()
  end
  error(result, 0)
end

--- Calls `delete`; that there is nothing any more is a success.
---@param codes table<string, true>  the refusals that say "not there"
---@param delete fun()
function adoption.delete(codes, delete)
  local ok, result = pcall(delete)
  if not ok and not (fault.is(result) and codes[result.code]) then
    error(result, 0)
  end
end

return adoption
