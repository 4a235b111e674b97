--- Whether a service may send requests once it runs. It matters where the static runtime was built
--- without HTTPS: such a service travels with the dynamic one, which has it, and any other with the
--- static one.
---
--- A service may when one of its files that travel requires what sends (host.http, laconic.aws and
--- its kin), or names it as a field (`laconic.aws`, whatever `laconic` is called there); and when it
--- has a custom resource, whose answers are sent. A field of that name that is someone else's costs
--- some bytes and nothing else.
local carried = require "engine.compile.carried"
local lua_source = require "engine.source.scan"
local order = require "engine.order"

local https = {}

-- Parts of `laconic` that call AWS.
local PARTS <const> = {
  api_client = true, aws = true, connections = true, discovery = true, secrets = true,
}

local function sends(name)
  for _, primitive in ipairs(carried.dynamic) do
    if name == primitive then
      return true
    end
  end
  return PARTS[name:match "^laconic%.(%w+)"] or name:match "^engine%.aws" ~= nil
end

local function requirer(source)
  for _, item in ipairs(source.requires) do
    if sends(item.name) then
      return ("%s:%d requires %s"):format(source.path, item.line, item.name)
    end
  end
end

-- `x.aws` and `x["aws"]`.
local function namer(source)
  local tokens = lua_source.tokens(source.bytes)
  for i, text in ipairs(tokens.text) do
    local before = tokens.text[i - 1]
    local name = before == "." and text or before == "[" and tokens.string[i]
    if PARTS[name] then
      return ("%s:%d names %s"):format(source.path, tokens.line[i], name)
    end
  end
end

--- What makes the dynamic runtime necessary: "service.lua:4 requires laconic.aws"; nil when nothing
--- does, or when the static one has HTTPS.
---@param graph engine.compile.Graph
---@param service engine.Service
---@return string? reason
function https.needed_dynamic(graph, service)
  if #carried.dynamic == 0 then
    return nil
  end
  for _, words in ipairs(service.functions) do
    if rawget(words, "requests") then
      return ("%s is a custom resource, whose answers are sent"):format(words.where)
    end
  end
  for _, path in ipairs(order.keys(graph.sources)) do
    local source = graph.sources[path]
    local reason = requirer(source) or namer(source)
    if reason then
      return reason
    end
  end
end

return https
