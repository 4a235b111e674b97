--- What can be said of a service's own commands and flags.
---@module "laconic.command"
local check = require "engine.check"

local command = {}

---@class laconic.CommandOptions
---@field name string             "seed": said as `laconic seed`
---@field summary string          a line for `laconic help`
---@field flags? engine.Flag[]
---@field run fun(args: table, host: laconic.CommandHost): integer?  the exit status; default 0

--- What a command's `run` gets besides its flags.
---@class laconic.CommandHost
---@field service laconic.Service
---@field noop boolean
---@field format "text"|"json"
---@field session table           who calls AWS, as the flags say; laconic.aws finds it by itself

---@class laconic.FlagOptions: engine.Flag
---@field command string          the built-in command that gets the flag: "provision"

local function test_word(word)
  if not word:match "^%l[%l%d-]*$" then
    return ("'%s': small letters, digits and '-' expected, a letter first"):format(word)
  end
end

local function test_short(letter)
  if not letter:match "^%a$" then
    return ("'%s': one letter expected"):format(letter)
  end
end

local WORD = { type = "string", required = true, least = 1, most = 40, test = test_word }

local function flag_rules(more)
  local rules = {
    name = WORD,
    short = { type = "string", test = test_short },
    type = { one_of = { "string", "boolean", "integer", "number" } },
    value = { type = "string" },
    default = {},
    required = { type = "boolean" },
    repeated = { type = "boolean" },
    choices = { each = { type = "string" }, least = 1 },
    summary = { type = "string", required = true },
  }
  for name, rule in pairs(more) do
    rules[name] = rule
  end
  return rules
end

local OWN_FLAG = flag_rules {}
local ADDED_FLAG = flag_rules { command = WORD }

local COMMAND = {
  name = WORD,
  summary = { type = "string", required = true, most = 100 },
  flags = { each = { type = "table" } },
  run = { type = "function", required = true },
}

local function default_fits(flag)
  local want = flag.type or "string"
  if flag.repeated then
    return type(flag.default) == "table"
  end
  return want == "integer" and math.type(flag.default) == "integer" or type(flag.default) == want
end

local function check_flag(name, flag, rules)
  check.fields(name, flag, rules)
  if flag.default ~= nil and not default_fits(flag) then
    check.fail("E103", ("%s.default: does not fit the flag's type"):format(name))
  elseif flag.default ~= nil and flag.required then
    check.fail("E104", name .. ": a required flag needs no default")
  end
end

local function check_unique(flags)
  local seen = {}
  for i, flag in ipairs(flags) do
    for _, name in ipairs { flag.name, flag.short } do
      if seen[name] then
        local text = "command.flags[%d]: '%s' is taken by flags[%d]"
        check.fail("E106", text:format(i, name, seen[name]))
      end
      seen[name] = i
    end
  end
end

--- Checks what was said of a command, and returns it as the engine takes it.
---@param options laconic.CommandOptions
---@return engine.CommandWords
function command.read(options)
  check.fields("command", options, COMMAND)
  for i, flag in ipairs(options.flags or {}) do
    check_flag(("command.flags[%d]"):format(i), flag, OWN_FLAG)
  end
  check_unique(options.flags or {})
  return {
    name = options.name,
    summary = options.summary,
    flags = options.flags or {},
    run = options.run,
  }
end

--- Checks what was said of a flag for a built-in command, and returns a copy of it.
---@param options laconic.FlagOptions
---@return table
function command.read_flag(options)
  check_flag("flag", options, ADDED_FLAG)
  local flag = {}
  for name, value in pairs(options) do
    flag[name] = value
  end
  return flag
end

return command
