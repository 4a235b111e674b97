--- Words of a command line → a table, by a declared list of flags.
local arguments = {}

local function usage(format, ...)
  require("engine.failure").raise("usage", format:format(...))
end

local function suggestion(word, flags)
  local near = require("engine.spelling").nearest(word, flags)
  return near and (" (did you mean --%s?)"):format(near) or ""
end

local function index(flags)
  local by_name, by_short = {}, {}
  for _, flag in ipairs(flags) do
    by_name[flag.name] = flag
    if flag.short then
      by_short[flag.short] = flag
    end
  end
  return by_name, by_short
end

local function convert(flag, text)
  if flag.type == "integer" then
    local value = math.tointeger(tonumber(text, 10) or nil)
    if not value then
      usage("--%s: an integer is wanted, got '%s'", flag.name, text)
    end
    return value
  elseif flag.type == "number" then
    local value = tonumber(text)
    if not value then
      usage("--%s: a number is wanted, got '%s'", flag.name, text)
    end
    return value
  end
  if flag.choices then
    for _, choice in ipairs(flag.choices) do
      if choice == text then
        return text
      end
    end
    usage("--%s: one of %s is wanted, got '%s'", flag.name, table.concat(flag.choices, ", "), text)
  end
  return text
end

local function key_of(flag)
  return (flag.name:gsub("-", "_"))
end

local function store(result, flag, value)
  local key = key_of(flag)
  if flag.repeated then
    result[key] = result[key] or {}
    table.insert(result[key], value)
  elseif rawget(result, key) ~= nil and rawget(result, key) ~= value then
    usage("--%s: said twice, with different values", flag.name)
  else
    result[key] = value
  end
end

--- Parses `words` by `flags`. `--name value`, `--name=value`, `-n value`, `--no-name` for a boolean
--- that has that form, `--` ends the flags. With `stop_at_word`, everything from the first word that
--- is no flag is left alone.
---@param words string[]
---@param flags engine.Flag[]
---@param options? { stop_at_word?: boolean, unknown?: "refuse"|"keep" }
---@return table args  flag values by name (dashes become underscores); list items are the other words
function arguments.parse(words, flags, options)
  options = options or {}
  local by_name, by_short = index(flags)
  local result, i = {}, 1

  local function value_of(flag, inline)
    if flag.type == "boolean" then
      if inline then
        usage("--%s takes no value", flag.name)
      end
      return true
    end
    if inline then
      return convert(flag, inline)
    end
    i = i + 1
    local text = words[i]
    if text == nil then
      usage("--%s needs a value%s", flag.name, flag.value and ": " .. flag.value or "")
    end
    return convert(flag, text)
  end

  while i <= #words do
    local word = words[i]
    local name, inline = word:match "^%-%-([^=]+)=?(.*)$"
    if name and not word:find("=", 1, true) then
      inline = nil
    end
    local short, rest = word:match "^%-([^-])(.*)$"
    if word == "--" then
      table.move(words, i + 1, #words, #result + 1, result)
      break
    elseif name and by_name[name] then
      store(result, by_name[name], value_of(by_name[name], inline))
    elseif name and name:match "^no%-" and by_name[name:sub(4)]
      and by_name[name:sub(4)].type == "boolean" then
      store(result, by_name[name:sub(4)], false)
    elseif short and by_short[short] then
      local flag = by_short[short]
      if flag.type == "boolean" and rest ~= "" then
        words = table.move(words, 1, #words, 1, {})
        words[i] = "-" .. rest -- -nz is -n -z
        store(result, flag, true)
        i = i - 1
      else
        store(result, flag, value_of(flag, rest ~= "" and rest or nil))
      end
    elseif (name or short) and word ~= "-" then
      if options.unknown ~= "keep" then
        usage("unknown flag %s%s", word, name and suggestion(name, by_name) or "")
      end
      table.insert(result, word)
    else
      if options.stop_at_word then
        table.move(words, i, #words, #result + 1, result)
        break
      end
      table.insert(result, word)
    end
    i = i + 1
  end
  return result
end

--- Gives absent flags their defaults; a required one that is absent is a usage error.
---@param args table
---@param flags engine.Flag[]
---@return table args
function arguments.complete(args, flags)
  for _, flag in ipairs(flags) do
    local key = key_of(flag)
    if args[key] == nil then
      if flag.required then
        usage("--%s is required%s", flag.name, flag.summary and ": " .. flag.summary or "")
      end
      args[key] = flag.default
    end
  end
  return args
end

--- Raises a usage error: shown with a pointer to the command's help, exit status 2.
---@param format string
function arguments.refuse(format, ...)
  usage(format, ...)
end

--- The help lines of a list of flags.
---@param flags engine.Flag[]
---@return string
function arguments.describe(flags)
  local left, width = {}, 0
  for i, flag in ipairs(flags) do
    local text = (flag.short and "-" .. flag.short .. ", " or "    ") .. "--" .. flag.name
    if flag.type ~= "boolean" then
      local value = flag.value or (flag.choices and table.concat(flag.choices, "|")) or "VALUE"
      text = text .. " " .. value
    end
    left[i] = text
    width = math.max(width, #text)
  end
  local lines = {}
  for i, flag in ipairs(flags) do
    local note = flag.default ~= nil and (" (default %s)"):format(tostring(flag.default)) or ""
    table.insert(lines, ("  %-" .. width .. "s  %s%s"):format(left[i], flag.summary or "", note))
  end
  return table.concat(lines, "\n")
end

return arguments
