--- Lua source text, read as Lua's own lexer reads it: the modules it requires, the globals it names.
---
---     local tokens = lua_source.tokens(text)
---     for _, item in ipairs(lua_source.requires(tokens)) do print(item.line, item.name) end
local lua_source = {}

--- The tokens of a text, without comments, as lists side by side: thousands of them cost little.
--- Symbols that say nothing about names (closing brackets but the round one, most operators) are
--- passed over with the white space.
---@class engine.Tokens
---@field text string[]                   a name, symbol or number as it is written; a string's is '"'
---@field line integer[]
---@field string table<integer, string>   the strings' own texts, by their place
---@field names integer[]                 the places of names and keywords

local STRING = '"'

local ESCAPES = {
  a = "\a", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", v = "\v",
  ["\\"] = "\\", ['"'] = '"', ["'"] = "'",
}

-- The usual escapes; module names have no others.
local function unescape(text)
  return text:find("\\", 1, true) and text:gsub("\\(.)", ESCAPES) or text
end

-- What follows [[…]] or [==[…]==] at `at`, and its inside; nil when no such bracket is there.
local function long_bracket(text, at)
  local level, inside = text:match("^%[(=*)%[()", at)
  if level then
    local last, stop = text:find("]" .. level .. "]", inside, true)
    return (stop or #text) + 1, text:sub(inside, (last or #text + 1) - 1)
  end
end

local function short_string(text, at, quote)
  local stop = at + 1
  while true do
    local char, place = text:match("([\\" .. quote .. "])()", stop)
    if not char then
      return #text + 1, ""
    elseif char == quote then
      return place, unescape(text:sub(at + 1, place - 2))
    end
    stop = place + 1
  end
end

local function comment(text, at)
  return long_bracket(text, at + 2) or text:find("\n", at, true) or #text + 1
end

local PASSED_OVER = "[%s}%]+*/%%^#&|]*()"
local BETWEEN = "^" .. PASSED_OVER
local NAME = "^([%w_]+)" .. PASSED_OVER

-- By first byte: what begins a name; symbols that are never the beginning of a longer one; symbols
-- that may be doubled.
local IN_NAMES, SINGLE, DOUBLE = {}, {}, {}
for byte = 0, 255 do
  local char = string.char(byte)
  IN_NAMES[byte] = char:find "[%a_]" ~= nil
  SINGLE[byte] = ("(){,;"):find(char, 1, true) and char or nil
  DOUBLE[byte] = char:find "[=~<>]" and "^(.=?)()" or char == ":" and "^(::?)()" or nil
end

-- What is neither a name nor a single symbol: its text (nil for a comment), what follows, and the
-- inside of a string.
local function other_token(text, at, first)
  if DOUBLE[first] then
    return text:match(DOUBLE[first], at)
  end
  local char = string.char(first)
  if char == '"' or char == "'" then
    return STRING, short_string(text, at, char)
  elseif char == "-" and text:find("^%-%-", at) then
    return nil, comment(text, at)
  elseif char == "[" and text:find("^%[=*%[", at) then
    return STRING, long_bracket(text, at)
  elseif text:find("^%.?%d", at) then
    return text:match("^([%w_.]+)()", at)
  end
  local dots = text:match("^%.+", at) or char
  return dots, at + #dots
end

--- A text as `load` takes it: Lua skips a file's first line for the shell, `load` does not.
---@param text string
---@return string
function lua_source.loadable(text)
  return (text:gsub("^#[^\n]*", ""))
end

--- Every token of a source text that Lua has accepted.
---@param text string
---@return engine.Tokens
function lua_source.tokens(text)
  local texts, lines, strings, names = {}, {}, {}, {}
  local byte, match, size = string.byte, string.match, #text
  local count, line = 0, 1
  local newline = text:find("\n", 1, true) or size + 1
  local at = match(text, "^#[^\n]*()") or 1 -- a first line for the shell
  at = match(text, BETWEEN, at)
  while at <= size do
    while newline < at do
      line = line + 1
      newline = text:find("\n", newline + 1, true) or size + 1
    end
    local first = byte(text, at)
    local token, inside
    if IN_NAMES[first] then
      token, at = match(text, NAME, at)
      names[#names + 1] = count + 1
    elseif SINGLE[first] then
      token, at = SINGLE[first], match(text, BETWEEN, at + 1)
    else
      token, at, inside = other_token(text, at, first)
      at = match(text, BETWEEN, at)
    end
    if token then
      count = count + 1
      texts[count], lines[count], strings[count] = token, line, inside
    end
  end
  return { text = texts, line = lines, string = strings, names = names }
end

-- What opens a block, and what closes it: `for` and `while` have their `do`.
local DEPTHS <const> = { ["function"] = 1, ["do"] = 1, ["if"] = 1, ["repeat"] = 1, ["end"] = -1,
  ["until"] = -1 }

--- The modules that are required by a literal name. `optional` is one that stands in
--- `pcall(require, "name")`: it may be absent. `depth` counts the blocks around it: at 0 it is run
--- whenever the file is.
---@param tokens engine.Tokens
---@return { name: string, line: integer, optional: boolean, depth: integer }[]
function lua_source.requires(tokens)
  local text, list, depth = tokens.text, {}, 0
  for _, i in ipairs(tokens.names) do
    local change = DEPTHS[text[i]]
    if change then
      depth = depth + change
    elseif text[i] == "require" and text[i - 1] ~= "." and text[i - 1] ~= ":" then
      local inside = text[i + 1] == "(" or text[i + 1] == ","
      local name = tokens.string[inside and i + 2 or i + 1]
      local whole = not inside or text[i + 3] == ")" -- and not: require("a." .. name)
      if name and whole then
        local optional = text[i + 1] == "," and text[i - 1] == "(" and text[i - 2] == "pcall"
        local line = tokens.line[i]
        table.insert(list, { name = name, line = line, optional = optional, depth = depth })
      end
    end
  end
  return list
end

local function set_of(words)
  local set = {}
  for word in words:gmatch "[%w_]+" do
    set[word] = true
  end
  return set
end

local KEYWORDS = set_of [[and break do else elseif end false for function goto if in local nil not
  or repeat return then true until while]]

--- Lua 5.4's own globals.
lua_source.GLOBALS = set_of [[_ENV _G _VERSION assert collectgarbage coroutine debug dofile error
  getmetatable io ipairs load loadfile math next os package pairs pcall print rawequal rawget rawlen
  rawset require select setmetatable string table tonumber tostring type utf8 warn xpcall]]

-- Adds the names of a list "a, b <const>, c" that begins at token `i`.
local function declare_list(text, i, declared)
  while text[i] and text[i]:find "^[%a_]" and not KEYWORDS[text[i]] do
    declared[text[i]] = true
    i = i + 1
    if text[i] == "<" and text[i + 2] == ">" then
      i = i + 3
    end
    if text[i] ~= "," then
      return
    end
    i = i + 1
  end
end

local function declare_parameters(text, i, declared)
  while text[i] and text[i] ~= "(" do
    if text[i] == ":" then
      declared.self = true
    end
    i = i + 1
  end
  declare_list(text, i + 1, declared)
end

-- Every name that is a local, a parameter or a loop's variable somewhere in the file. Scopes are
-- not told apart: a name that is local anywhere is never called a global.
local function declarations(tokens)
  local text, declared = tokens.text, {}
  for _, i in ipairs(tokens.names) do
    local word = text[i]
    if word == "function" then
      declare_parameters(text, i + 1, declared)
    elseif word == "local" and text[i + 1] == "function" then
      declared[text[i + 2]] = true
    elseif word == "local" or word == "for" then
      declare_list(text, i + 1, declared)
    end
  end
  return declared
end

-- Whether the name at `i` is no variable: a field, a method, an attribute (<const>), a label, or what
-- looks like a key of a constructor.
local function is_no_variable(text, i)
  local before, after = text[i - 1], text[i + 1]
  if before == "." or before == ":" or before == "::" or before == "goto" then
    return true
  elseif before == "<" and after == ">" then
    return true
  end
  return after == "=" and (before == "{" or before == "," or before == ";")
end

--- The names that are read or written as globals, and are none of Lua's own: sound (what is listed
--- is a global), not complete (a name that is local elsewhere in the file is let pass, and so is the
--- second of `a, b = 1, 2`).
---@param tokens engine.Tokens
---@return { name: string, line: integer }[] list
---@return table<string, true> declared  the names that are declared in the file
function lua_source.undeclared(tokens)
  local declared = declarations(tokens)
  local text, known, list = tokens.text, lua_source.GLOBALS, {}
  for _, i in ipairs(tokens.names) do
    local word = text[i]
    if not (declared[word] or KEYWORDS[word] or known[word] or is_no_variable(text, i)) then
      table.insert(list, { name = word, line = tokens.line[i] })
    end
  end
  return declared._ENV and {} or list, declared -- its own environment: its own rules
end

return lua_source
