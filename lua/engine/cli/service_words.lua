--- What a service adds to the command line: its own commands, and flags of built-in ones. They may
--- hide nothing that is there already.
local builtin = require "engine.cli.builtin"
local check = require "engine.check"
local failure = require "engine.failure"

local service_words = {}

local function invalid(code, message, where, hint)
  failure.raise("invalid", message, { code = code, where = where, hint = hint })
end

-- Refuses a flag whose name or letter one of `others` has.
local function check_flag(what, flag, others, whose, where)
  for _, other in ipairs(others) do
    if flag.name == other.name then
      invalid("E106", ("%s: --%s is a flag of %s already"):format(what, flag.name, whose), where)
    elseif flag.short and flag.short == other.short then
      invalid("E106", ("%s: -%s is --%s of %s already"):format(what, flag.short, other.name, whose),
        where)
    end
  end
end

local function global_flags()
  return require "engine.cli.global_flags"
end

local function check_command(command)
  if builtin.find(command.name) then
    invalid("E106", ("command: '%s' is a command of laconic itself"):format(command.name),
      command.where, "choose another name")
  end
  for i, flag in ipairs(command.flags) do
    local what = ("command.flags[%d]"):format(i)
    check_flag(what, flag, global_flags(), "every command", command.where)
  end
end

-- The built-in commands that a service may give flags to.
local function flag_takers()
  local takers = {}
  for _, word in ipairs(builtin.words()) do
    if builtin.find(word).service_flags then
      takers[word] = true
    end
  end
  return takers
end

local function check_added_flag(flag)
  local command = builtin.find(flag.command)
  if not command or not command.service_flags then
    local takers = flag_takers()
    local problem = command and ("'%s' takes no flags of a service"):format(flag.command)
      or check.unknown("command", flag.command, takers)
    local words = table.concat(require("engine.order").keys(takers), ", ")
    invalid("E104", "flag.command: " .. problem, flag.where, "those that do: " .. words)
  end
  check_flag("flag", flag, command.flags or {}, "laconic " .. flag.command, flag.where)
  check_flag("flag", flag, global_flags(), "every command", flag.where)
end

--- Refuses, at the author's line, a command or flag that would hide a built-in one.
---@param service engine.Service
function service_words.check(service)
  for _, command in ipairs(service.commands) do
    check_command(command)
  end
  for _, flag in ipairs(service.flags) do
    check_added_flag(flag)
  end
end

return service_words
