--- laconic template [SERVICE.lua]: the CloudFormation template, on standard output. No network.
local options = require "engine.cli.options"

local command = {
  summary = "Print the CloudFormation template",
  usage = "template [SERVICE.lua]",
  group = "check",
  flags = options.BUILD_FLAGS,
  service_flags = true,
}

function command.run(args, context)
  local path, read = options.read(args, context, "template")
  local build = require("engine.provision").build(path, read)
  io.stdout:write(build.template_text)
  return 0
end

return command
