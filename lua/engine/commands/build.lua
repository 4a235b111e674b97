--- laconic build [SERVICE.lua]: the archive and the template, to be looked at. No network.
local api_descriptions = require "engine.cli.api_descriptions"
local options = require "engine.cli.options"

local command = {
  summary = "Make the archive and the template",
  usage = "build [SERVICE.lua]",
  group = "check",
  flags = options.BUILD_FLAGS,
  service_flags = true,
}

function command.run(args, context)
  local path, read = options.read(args, context, "build")
  local build = require("engine.provision").build(path, read)
  local template = build.output_dir .. "/template.json"
  if context.format == "json" then
    print(assert(require("host.json").encode({
      code = { path = build.code.path, bytes = build.code.bytes, sha256 = build.code.sha256 },
      template = { path = template, bytes = #build.template_text },
      descriptions = api_descriptions.listed(build),
    }, { indent = 2 })))
  else
    print(("%s  %d bytes  sha256 %s"):format(build.code.path, build.code.bytes, build.code.sha256))
    print(("%s  %d bytes"):format(template, #build.template_text))
    for _, line in ipairs(api_descriptions.lines(build)) do
      print(line)
    end
  end
  return 0
end

return command
