--- What check, build, template and provision have in common: their flags, and what these stand for.
local arguments = require "engine.cli.arguments"
local service_words = require "engine.cli.service_words"

local options = {}

local DEFAULT = "service.lua"

--- Flags of every command that makes the artifacts.
options.BUILD_FLAGS = {
  { name = "bucket", short = "s", value = "NAME", summary = "The S3 bucket for artifacts" },
  { name = "build-id", short = "i", value = "ID", summary = "How this build is called" },
  { name = "output-dir", short = "o", value = "DIR", summary = "Where artifacts are written" },
}

-- { "A=1" } → { A = "1" }
local function read_pairs(flag, list)
  local map = {}
  for _, text in ipairs(list or {}) do
    local name, value = text:match "^([^=]+)=(.*)$"
    if not name then
      arguments.refuse("--%s: NAME=VALUE is wanted, got '%s'", flag, text)
    elseif map[name] then
      arguments.refuse("--%s: %s is said twice", flag, name)
    end
    map[name] = value
  end
  return map
end

-- The flags that a service adds to a built-in command are known once the service is loaded; it is
-- loaded for them only when there are words that need it.
local function read_service_flags(words, command, env)
  local path
  for _, word in ipairs(words) do
    path = path or word:match "^[^%-].*%.lua$"
  end
  local service = require("engine.definition").load(path or DEFAULT, { env = env })
  return arguments.parse(words, options.of_service(service, command))
end

--- The flags that a service adds to one command.
---@param service engine.Service
---@param command string
---@return engine.Flag[]
function options.of_service(service, command)
  local flags = {}
  for _, flag in ipairs(service.flags) do
    if flag.command == command then
      table.insert(flags, flag)
    end
  end
  return flags
end

--- Checks what the service adds to the command line, and gives the flags that it adds to this command
--- their defaults.
---@param read engine.Options
---@param service engine.Service
function options.complete(read, service)
  service_words.check(service)
  if read.command then
    arguments.complete(read, options.of_service(service, read.command))
  end
end

--- Reads the words of a command that makes artifacts.
---@param args table     as parsed by the command's own flags
---@param context table
---@param command string its word
---@return string path   the service file
---@return engine.Options
function options.read(args, context, command)
  local extra = args
  for _, word in ipairs(args) do
    if word:match "^%-." then
      extra = read_service_flags(table.move(args, 1, #args, 1, {}), command, context.globals.env)
      break
    end
  end
  if extra[2] then
    arguments.refuse("one service file is wanted, got '%s' as well", extra[2])
  end
  local read = {
    command = command,
    noop = context.globals.noop or false,
    env = context.globals.env,
    format = context.format,
    bucket = args.bucket,
    build_id = args.build_id,
    output_dir = args.output_dir,
    region = context.globals.region,
    inplace = args.inplace or false,
    code_pipeline_package = args.code_pipeline_package,
    deadline = args.deadline,
    params = read_pairs("param", args.param),
    tags = read_pairs("tag", args.tag),
  }
  if extra ~= args then
    for name, value in pairs(extra) do
      if type(name) == "string" then
        read[name] = value
      end
    end
  end
  return extra[1] or DEFAULT, read
end

return options
