--- laconic outputs [SERVICE.lua | STACK]: what the stack gives to others.
local subject = require "engine.cli.subject"

local command = {
  summary = "Show the outputs of the stack",
  usage = "outputs [SERVICE.lua | STACK]",
  group = "deploy",
  most_words = 1,
}

function command.run(args, context)
  local about = subject.find(args[1], context.globals)
  local opened <close> = require("engine.cli.target").open(context.globals, about.path)
  local found = require("engine.aws.stack").get(opened.session, about.name)
  if context.format == "json" then
    local json = require "host.json"
    local values = json.object {}
    for _, output in ipairs(found.outputs) do
      values[output.key] = output.value
    end
    print(assert(json.encode(values, { indent = 2 })))
    return 0
  end
  local width = 0
  for _, output in ipairs(found.outputs) do
    width = math.max(width, #output.key)
  end
  for _, output in ipairs(found.outputs) do
    print(("%-" .. width .. "s  %s"):format(output.key, output.value))
  end
  return 0
end

return command
