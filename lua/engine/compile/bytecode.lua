--- The Lua files of a service as byte code, when it asks for that: what every cold start would compile
--- is compiled here, once. Names stay those of the sources; errors tell file and line as before,
--- unless the service wants these left out.
local failure = require "engine.failure"
local lua_source = require "engine.source.scan"
local order = require "engine.order"

local bytecode = {}

-- How Lua 5.4's byte code begins on every 64-bit little-endian machine, as both of Lambda's are: its
-- release and format, bytes that a careless copy would spoil, the sizes of an instruction, an integer
-- and a float, and one of each of the last two.
local HEADER <const> = "\27Lua\x54\0\x19\x93\r\n\x1a\n\4\8\8" .. ("<i8d"):pack(0x5678, 370.5)

local function compiled(source, stripped)
  local chunk = assert(load(lua_source.loadable(source.bytes), "@" .. source.name, "t"))
  local bytes = string.dump(chunk, stripped)
  if bytes:sub(1, #HEADER) ~= HEADER then
    failure.raise("failed", "this machine's byte code is not that of Lambda's machines", {
      code = "E218",
      hint = "build on a 64-bit little-endian machine, or leave out 'bytecode'",
    })
  end
  return bytes
end

--- Puts byte code in the place of the graph's Lua files.
---@param files engine.compile.Files
---@param graph engine.compile.Graph
---@param how true|"stripped"
function bytecode.compile(files, graph, how)
  for _, path in ipairs(order.keys(graph.sources)) do
    local source = graph.sources[path]
    files:replace(source.name, compiled(source, how == "stripped"))
  end
end

return bytecode
