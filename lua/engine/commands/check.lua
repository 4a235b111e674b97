--- laconic check [SERVICE.lua]: is the service valid? No network, nothing sent.
local api_descriptions = require "engine.cli.api_descriptions"
local constructs = require "engine.constructs"
local message = require "engine.cli.message"
local options = require "engine.cli.options"

local command = {
  summary = "Load and validate the service",
  usage = "check [SERVICE.lua]",
  group = "check",
  flags = options.BUILD_FLAGS,
  service_flags = true,
}

local function count(map)
  local number = 0
  for _ in pairs(map or {}) do
    number = number + 1
  end
  return number
end

function command.run(args, context)
  local path, read = options.read(args, context, "check")
  local build = require("engine.provision").build(path, read)
  local facts = {
    service = build.service_name,
    functions = #build.model.functions,
    resources = count(build.template.Resources),
    template_bytes = #build.template_text,
    archive_bytes = build.code and build.code.bytes or 0,
    descriptions = api_descriptions.listed(build),
    warnings = require("host.json").array(constructs.warnings(build.model)),
  }
  if context.format == "json" then
    print(assert(require("host.json").encode(facts, { indent = 2 })))
  else
    print(("%s is valid: %d function%s, %d of 500 resources, template %d bytes, archive %d bytes")
      :format(facts.service, facts.functions, facts.functions == 1 and "" or "s", facts.resources,
        facts.template_bytes, facts.archive_bytes))
    for _, line in ipairs(api_descriptions.lines(build)) do
      print(line)
    end
    for _, warning in ipairs(facts.warnings) do
      message.say("warning: " .. warning)
    end
  end
  return 0
end

return command
