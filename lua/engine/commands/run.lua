--- laconic run SCRIPT [args]: a Lua script with everything the host can do.
local run = { summary = "Run a Lua script" }

function run.run(args)
  local path = args[1]
  local chunk = assert(loadfile(path, "t"))
  _G.arg = table.move(args, 2, #args, 1, { [0] = path })
  return chunk(table.unpack(_G.arg)) or 0
end

return run
