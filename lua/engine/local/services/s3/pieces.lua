--- Bodies, copied piece by piece: others run meanwhile.
local loop = require "engine.local.loop"

local pieces = {}

local BLOCK = 1024 * 1024

--- Appends `length` bytes of a file to `out`.
---@param out file*
---@param path string
---@param first integer
---@param length integer
function pieces.append(out, path, first, length)
  local source <close> = assert(io.open(path, "rb"))
  assert(source:seek("set", first))
  local count = 0
  while length > 0 do
    local block = source:read(math.min(BLOCK, length))
    if not block then
      error(path .. " is shorter than it should be", 0)
    end
    assert(out:write(block))
    length, count = length - #block, count + 1
    if count % 8 == 0 then
      loop.sleep(0)
    end
  end
end

return pieces
