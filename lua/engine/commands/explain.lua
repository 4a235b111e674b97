--- laconic explain CODE: what an error's code stands for.
local arguments = require "engine.cli.arguments"
local codes = require "engine.codes"

local command = {
  summary = "Say what an error's code stands for",
  usage = "explain CODE",
  group = "start",
  most_words = 1,
  help = "CODE is what an error message names: E106, or AWS's own (ExpiredToken).",
}

function command.run(args, context)
  local code = args[1]
  if not code then
    arguments.refuse "explain needs a code: laconic explain E106"
  end
  local known = codes.find { kind = "", code = code }
  if not known.title and not known.hint then
    arguments.refuse("there is no code '%s'", code)
  end
  if context.format == "json" then
    print(assert(require("host.json").encode({
      code = code,
      title = known.title,
      hint = known.hint,
    }, { indent = 2 })))
    return 0
  end
  print(code .. (known.title and ": " .. known.title or ""))
  if known.hint then
    print("  " .. known.hint)
  end
  return 0
end

return command
