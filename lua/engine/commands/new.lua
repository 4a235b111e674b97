--- laconic new NAME: a folder with a service that can be provisioned as it is.
local arguments = require "engine.cli.arguments"
local failure = require "engine.failure"
local file = require "host.file"

local command = {
  summary = "Begin a new service",
  usage = "new NAME",
  group = "start",
  most_words = 1,
  help = "Makes the folder NAME with service.lua and .gitignore.",
}

local SERVICE = [[
local laconic = require "laconic"

local service = laconic.service {
  name = "%s",
  description = "Greets whoever calls",
}

service:lambda {
  name = "hello",
  handler = function(event, context)
    context.log.info("greeting", { name = event.name })
    return { message = "Hello, " .. (event.name or "world") }
  end,
}

return service
]]

local IGNORE = ".laconic/\n"

local function check_name(name)
  if not name then
    arguments.refuse "new needs a name: laconic new hello"
  end
  if #name > 128 or not name:match "^%a[%w%-]*$" then
    arguments.refuse(
      "'%s' cannot be a service's name: letters, digits and hyphens, a letter first, 128 at most",
      name
    )
  end
end

function command.run(args, context)
  local name = args[1]
  check_name(name)
  if file.exists(name) then
    failure.raise("input", ("'%s' exists already: nothing was written"):format(name))
  end
  assert(file.make_folder(name))
  assert(file.write(name .. "/service.lua", SERVICE:format(name)))
  assert(file.write(name .. "/.gitignore", IGNORE))
  if context.format == "json" then
    local made = { folder = name, files = { "service.lua", ".gitignore" } }
    print(assert(require("host.json").encode(made, { indent = 2 })))
    return 0
  end
  print(("Made %s/service.lua. Next:\n\n  cd %s\n  laconic provision --local\n"
    .. "  laconic invoke hello '{\"name\":\"Ada\"}' --local"):format(name, name))
  return 0
end

return command
