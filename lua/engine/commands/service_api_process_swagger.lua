--- laconic service-api-process-swagger: what Cloud Canvas calls `laconic swagger`, with its flags.
local arguments = require "engine.cli.arguments"
local description = require "engine.cli.description"

local command = {
  summary = "Do as laconic swagger does, with the name and the flags of Cloud Canvas",
  another_name = true, -- help lists laconic swagger
  usage = "service-api-process-swagger --input FILE|--resource-group NAME",
  group = "check",
  most_words = 0,
  flags = {
    { name = "input", value = "FILE", summary = "A description by itself" },
    { name = "resource-group", value = "NAME", summary = "That of the API of this name" },
    { name = "output", value = "FILE", summary = "Writes there, not to standard output" },
  },
}

function command.run(args, context)
  if (args.input == nil) == (args.resource_group == nil) then
    arguments.refuse "one of --input and --resource-group is wanted"
  end
  local processed
  if args.input then
    processed = require("engine.swagger").process(args.input)
  else
    processed = description.read({ name = args.resource_group }, context)
  end
  local text = require("engine.swagger").text(processed.document)
  description.write(args, text, processed.warnings)
  return 0
end

return command
