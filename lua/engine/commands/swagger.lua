--- laconic swagger [SERVICE.lua|FILE]: the processed description of a service API. No network.
local description = require "engine.cli.description"

local command = {
  summary = "Print the description of a service API as API Gateway gets it",
  usage = "swagger [SERVICE.lua|FILE]",
  group = "check",
  most_words = 1,
  help = "Reads the swagger file of the service's API, or FILE by itself (JSON, YAML), checks and\n"
    .. "processes it. What the stack fills in stands as $Region$, $ServiceLambdaArn$, $RoleArn$.",
  flags = description.FLAGS,
}

function command.run(args, context)
  local processed = description.read(args, context)
  local text = require("engine.swagger").text(processed.document)
  description.write(args, text, processed.warnings)
  return 0
end

return command
