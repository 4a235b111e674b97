--- What API Gateway asks of paths besides: it routes by a tree, where a place has one parameter, and one
--- that takes the rest has nothing below it.
local order = require "engine.order"
local place = require "engine.swagger.place"

local routing_rules = {}

local function check_path(path, here, known, noted)
  local prefix, rest = "", nil
  for segment in path:gmatch "/([^/]*)" do
    if rest then
      noted:add(here, ("nothing can follow '%s'"):format(rest), "let it be the last")
      return
    end
    local name = segment:match "^{(.+)}$"
    local other = name and known[prefix]
    if other and other.name ~= name then
      local text = "'{%s}' stands where '%s' has '{%s}', and one place has one name"
      noted:add(here, text:format(name, other.path, other.name), "call both the same")
    elseif name then
      known[prefix] = other or { name = name, path = path }
    end
    rest = name and name:sub(-1) == "+" and segment or nil
    prefix = prefix .. "/" .. (name and "{}" or segment)
  end
end

--- Notes what cannot be routed.
---@param document table
---@param noted engine.swagger.Problems
function routing_rules.check(document, noted)
  local known = {}
  for _, path in ipairs(order.keys(document.paths)) do
    if path:sub(1, 1) == "/" then
      check_path(path, place.of("paths", path), known, noted)
    end
  end
end

return routing_rules
