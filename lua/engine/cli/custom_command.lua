--- A service's own commands: found by loading the service, parsed by their own flags, run.
local arguments = require "engine.cli.arguments"
local builtin = require "engine.cli.builtin"
local file = require "host.file"
local global_flags = require "engine.cli.global_flags"
local service_words = require "engine.cli.service_words"

local custom_command = {}

local DEFAULT = "service.lua"

-- The service file among the words, when one is named: `laconic seed other.lua`.
local function split_service(words)
  local first = words[1]
  if first and first:match "%.lua$" and file.exists(first) then
    return first, table.move(words, 2, #words, 1, {})
  end
  return DEFAULT, words
end

local function load(path, env)
  local service = require("engine.definition").load(path, { env = env })
  service_words.check(service)
  return service
end

--- The commands that the service of this folder brings; none when there is no service here.
---@param globals table
---@return engine.CommandWords[]
function custom_command.list(globals)
  if not file.exists(DEFAULT) then
    return {}
  end
  return load(DEFAULT, globals.env).commands
end

--- One of them, by its name.
---@param word string
---@param globals table
---@return engine.CommandWords?
function custom_command.find(word, globals)
  for _, command in ipairs(custom_command.list(globals)) do
    if command.name == word then
      return command
    end
  end
end

local function refuse(word, service)
  local names = {}
  for _, name in ipairs(builtin.words()) do
    names[name] = true
  end
  for _, command in ipairs(service and service.commands or {}) do
    names[command.name] = true
  end
  local guess = require("engine.spelling").guess(word, names)
  local nowhere = service and "" or ", and no service.lua here that could bring it"
  arguments.refuse("there is no command '%s'%s%s", word, guess, nowhere)
end

--- What a command's `run` gets besides its flags: the service, and AWS when asked for.
local function new_host(service, globals)
  local host = {
    service = service,
    noop = globals.noop or false,
    format = globals.format or "text",
  }
  local opened
  local default = require "engine.aws.default"
  default.offer(function()
    return host.session
  end)
  return setmetatable(host, {
    __index = function(self, name)
      if name == "session" then
        opened = require("engine.cli.target").open(globals, service.path)
        rawset(self, "session", opened.session)
        return opened.session
      end
    end,
    __close = function()
      default.offer(nil)
      if opened then
        opened:close()
      end
    end,
  })
end

--- Runs the command of that name; a usage error when the service brings none.
---@param word string
---@param words string[]                    what follows it
---@param configure fun(globals: table)     sets what all commands have in common
---@return integer status
function custom_command.run(word, words, configure)
  local path, rest = split_service(words)
  local early = arguments.parse(rest, global_flags, { unknown = "keep" })
  if not file.exists(path) then
    refuse(word, nil)
  end
  local service = load(path, early.env)
  for _, command in ipairs(service.commands) do
    if command.name == word then
      local flags = table.move(global_flags, 1, #global_flags, #command.flags + 1,
        table.move(command.flags, 1, #command.flags, 1, {}))
      local args = arguments.parse(rest, flags)
      if args.help then
        local context = { flags = global_flags, globals = args }
        return require("engine.commands.help").run({ word }, context)
      end
      configure(args)
      local host <close> = new_host(service, args)
      return command.run(arguments.complete(args, command.flags), host) or 0
    end
  end
  refuse(word, service)
end

return custom_command
