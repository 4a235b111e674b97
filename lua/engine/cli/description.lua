--- The API description that a command is about: a file by itself, or that of a service's API.
local arguments = require "engine.cli.arguments"

local description = {}

--- Flags of the commands that read one.
description.FLAGS = {
  { name = "name", value = "NAME", summary = "Which API, of a service that has several" },
  { name = "output", short = "o", value = "FILE", summary = "Where it is written" },
}

local DEFAULT <const> = "service.lua"

-- The name of a file that is a description, without its extension.
local function stem_of(path)
  for _, extension in ipairs(require("engine.swagger.document").EXTENSIONS) do
    local stem = path:match("([^/]+)%." .. extension .. "$")
    if stem then
      return stem
    end
  end
end

local function names_of(list)
  local names = {}
  for i, words in ipairs(list) do
    names[i] = words.name
  end
  return table.concat(names, ", ")
end

local function choose(service, name)
  local list = {}
  for _, words in ipairs(service.constructs) do
    if words.kind == "api" and (not name or words.name == name) then
      table.insert(list, words)
    end
  end
  if #list == 0 then
    arguments.refuse(name and "%s has no API '%s'" or "%s has no service:api", service.path, name)
  elseif #list > 1 then
    arguments.refuse("%s has several APIs (%s): say which with --name", service.path,
      names_of(list))
  end
  return list[1]
end

--- Reads and processes it.
---@param args table
---@param context table
---@return engine.swagger.Processed
---@return string name  what it is called: the API's name, or that of the file
function description.read(args, context)
  local path = args[1] or DEFAULT
  local stem = stem_of(path)
  if stem then
    return require("engine.swagger").process(path), stem
  end
  local service = require("engine.definition").load(path, { env = context.globals.env })
  local words = choose(service, args.name)
  local model = require("engine.model").build(service, { env = context.globals.env })
  return require("engine.constructs.api").processed(words, model), words.name
end

--- Writes what a command made to the file that it was told, or to standard output; then says what
--- is to be said besides.
---@param args table
---@param text string
---@param warnings? string[]
function description.write(args, text, warnings)
  if args.output then
    assert(require("host.file").write(args.output, text))
  else
    io.stdout:write(text)
  end
  for _, warning in ipairs(warnings or {}) do
    require("engine.cli.message").say("warning: " .. warning)
  end
end

return description
