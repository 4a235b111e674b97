--- An append-only file of JSON values, one a line: how an index of many things is kept without
--- writing it whole at every change. A line that a kill cut short is left out when it is read again.
local failure = require "engine.failure"
local file = require "host.file"
local json = require "host.json"

local journal = {}

--- Calls `take(value)` for every value, oldest first; an absent file has none.
---@param path string
---@param take fun(value: table)
---@return integer count
---@return boolean torn  the last line was cut short: rewrite the file before adding to it
function journal.read(path, take)
  local source = io.open(path, "rb")
  if not source then
    return 0, false
  end
  local _ <close> = source
  local count, broken = 0, false
  for line in source:lines "L" do
    if broken then
      failure.raise("input", ("%s is damaged in line %d; remove it to go on without what it held")
        :format(path, count + 1))
    end
    local value = line:sub(-1) == "\n" and json.decode(line)
    if value then
      take(value)
      count = count + 1
    else
      broken = true -- forgiven for the last line only
    end
  end
  return count, broken
end

--- Adds a value at the end.
---@param path string
---@param value table
---@return integer bytes  that the file grew by
function journal.add(path, value)
  local line = assert(json.encode(value)) .. "\n"
  assert(file.append(path, line))
  return #line
end

--- Writes the file anew, with these values only.
---@param path string
---@param values table[]
function journal.rewrite(path, values)
  local lines = {}
  for i, value in ipairs(values) do
    lines[i] = assert(json.encode(value)) .. "\n"
  end
  assert(file.write(path, table.concat(lines)))
end

return journal
