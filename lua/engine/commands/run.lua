--- laconic run [flags] SCRIPT [args]: a Lua script with everything the host can do.
local run = {
  summary = "Run a Lua script",
  usage = "run [flags] SCRIPT [args]",
  group = "script",
  help = "The script finds its words in `arg` and `...`, and may require host.*, laconic.* and\n"
    .. "engine.*, and modules, C's among them, beside it, under lua_modules and of this machine.\n"
    .. "The integer it returns is the exit status.",
  stop_at_word = true,
  quiet_start = true, -- the script configures what it needs
}

function run.run(args)
  local path = args[1]
  if not path then
    require("engine.cli.arguments").refuse "run needs a script: laconic run SCRIPT"
  end
  local chunk, problem = loadfile(path, "t")
  if not chunk then
    require("engine.failure").raise("invalid", problem)
  end
  require("engine.source.search_path").use(path:match "^(.*/)" or "./")
  _G.arg = table.move(args, 2, #args, 1, { [0] = path })
  local status = chunk(table.unpack(_G.arg)) or 0
  -- A process has one byte for it: 256 must not come out as 0.
  return math.type(status) == "integer" and status & 0xff ~= status and 255 or status
end

return run
