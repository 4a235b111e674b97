--- laconic client [SERVICE.lua|FILE]: a Lua module that calls a service API. No network.
local description = require "engine.cli.description"
local lua_text = require "engine.swagger.lua_text"

local command = {
  summary = "Make a Lua module that calls a service API",
  usage = "client [SERVICE.lua|FILE]",
  group = "script",
  most_words = 1,
  help = "A function for each operation, with its types: laconic client -o scores_client.lua.\n"
    .. "Scripts and services require it; it stands on laconic.api_client.",
  flags = description.FLAGS,
}

function command.run(args, context)
  local processed, name = description.read(args, context)
  local module = args.output and args.output:match "([^/]+)%.lua$"
    or lua_text.identifier(name) .. "_client"
  description.write(args, require("engine.swagger.client").text(processed, module))
  return 0
end

return command
