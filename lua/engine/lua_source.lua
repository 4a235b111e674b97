--- Lua source text, read as Lua's own lexer reads it: the modules it requires, the globals it names.
local lua_source = {}

---@class engine.Token
---@field kind "name"|"string"|"other"
---@field text string   a name, a string's own text, or a symbol or number as it is written
---@field line integer

local ESCAPES = {
  a = "\a", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", v = "\v",
  ["\\"] = "\\", ['"'] = '"', ["'"] = "'",
}

-- The usual escapes; module names have no others.
local function unescape(text)
  return (text:gsub("\\(.)", ESCAPES))
end

local function count_lines(text, from, to)
  local count, at = 0, from
  while true do
    at = text:find("\n", at, true)
    if not at or at > to then
      return count
    end
    count, at = count + 1, at + 1
  end
end

-- The end of [[…]] or [==[…]==] that begins at `at`, or nil when no such bracket is there.
local function long_bracket(text, at)
  local level = text:match("^%[(=*)%[", at)
  if level then
    local _, stop = text:find("]" .. level .. "]", at + #level + 2, true)
    return stop or #text, #level + 2
  end
end

local function short_string(text, at)
  local quote = text:sub(at, at)
  local stop = at + 1
  while stop <= #text do
    local char = text:sub(stop, stop)
    if char == quote then
      return stop
    end
    stop = stop + (char == "\\" and 2 or 1)
  end
  return #text
end

-- One token or comment at `at`: its kind (nil for a comment), text, and last byte.
local function scan(text, at)
  local char = text:sub(at, at)
  if text:find("^%-%-", at) then
    local stop = long_bracket(text, at + 2)
    return nil, nil, stop or (text:find("\n", at, true) or #text + 1) - 1
  elseif char:find "[%a_]" then
    local _, stop = text:find("^[%w_]+", at)
    return "name", text:sub(at, stop), stop
  elseif char == '"' or char == "'" then
    local stop = short_string(text, at)
    return "string", unescape(text:sub(at + 1, stop - 1)), stop
  elseif text:find("^%.?%d", at) then
    local _, stop = text:find("^[%w_.]+", at)
    return "other", text:sub(at, stop), stop
  end
  local stop, opening = long_bracket(text, at)
  if stop then
    return "string", text:sub(at + opening, stop - opening), stop
  end
  local symbol = text:match("^%.%.%.", at) or text:match("^%.%.", at) or text:match("^::", at)
    or text:match("^[=~<>]=", at) or char
  return "other", symbol, at + #symbol - 1
end

--- Every token of a source text that Lua has accepted, without comments.
---@param text string
---@return engine.Token[]
function lua_source.tokens(text)
  local tokens, line = {}, 1
  local at = text:match "^#[^\n]*()" or 1
  while true do
    local start = text:find("%S", at)
    if not start then
      return tokens
    end
    line = line + count_lines(text, at, start - 1)
    local kind, token, stop = scan(text, start)
    if kind then
      table.insert(tokens, { kind = kind, text = token, line = line })
    end
    line = line + count_lines(text, start, stop)
    at = stop + 1
  end
end

local function is(token, text)
  return token ~= nil and token.kind ~= "string" and token.text == text
end

--- The modules that are required by a literal name. `optional` is one that stands in
--- `pcall(require, "name")`: it may be absent.
---@param tokens engine.Token[]
---@return { name: string, line: integer, optional: boolean }[]
function lua_source.requires(tokens)
  local list = {}
  for i, token in ipairs(tokens) do
    local free = not is(tokens[i - 1], ".") and not is(tokens[i - 1], ":")
    if free and token.kind == "name" and token.text == "require" then
      local after = tokens[i + 1]
      local argument = (is(after, "(") or is(after, ",")) and tokens[i + 2] or after
      if argument and argument.kind == "string" then
        local optional = is(after, ",") and is(tokens[i - 1], "(") and is(tokens[i - 2], "pcall")
        table.insert(list, { name = argument.text, line = token.line, optional = optional })
      end
    end
  end
  return list
end

local KEYWORDS = {}
for word in
  ([[and break do else elseif end false for function goto if in local nil not or repeat return
  then true until while]]):gmatch "%a+"
do
  KEYWORDS[word] = true
end

-- Lua 5.4's own.
local GLOBALS = { "_ENV" }
for word in
  ([[_G _VERSION assert collectgarbage coroutine debug dofile error getmetatable io ipairs load
  loadfile math next os package pairs pcall print rawequal rawget rawlen rawset require select
  setmetatable string table tonumber tostring type utf8 warn xpcall]]):gmatch "[%w_]+"
do
  table.insert(GLOBALS, word)
end

lua_source.GLOBALS = {}
for _, name in ipairs(GLOBALS) do
  lua_source.GLOBALS[name] = true
end

-- Adds the names of a list "a, b <const>, c" that begins at token `i`.
local function declare_list(tokens, i, declared)
  while tokens[i] and tokens[i].kind == "name" and not KEYWORDS[tokens[i].text] do
    declared[tokens[i].text] = true
    i = i + 1
    if is(tokens[i], "<") and is(tokens[i + 2], ">") then
      i = i + 3
    end
    if not is(tokens[i], ",") then
      return
    end
    i = i + 1
  end
end

-- Every name that is a local, a parameter or a loop's variable somewhere in the file. Scopes are
-- not told apart: a name that is local anywhere is never called a global.
local function declarations(tokens)
  local declared = {}
  for i, token in ipairs(tokens) do
    if token.kind == "name" then
      if token.text == "local" and is(tokens[i + 1], "function") then
        declare_list(tokens, i + 2, declared)
      elseif token.text == "local" or token.text == "for" then
        declare_list(tokens, i + 1, declared)
      elseif token.text == "function" then
        local open = i + 1
        while tokens[open] and not is(tokens[open], "(") do
          if is(tokens[open], ":") then
            declared.self = true
          end
          open = open + 1
        end
        declare_list(tokens, open + 1, declared)
      end
    end
  end
  return declared
end

local OPENS = { ["{"] = "{", ["("] = "(", ["["] = "[", ["function"] = "end", ["do"] = "end",
  ["if"] = "end", ["repeat"] = "end" }
local CLOSES = { ["}"] = true, [")"] = true, ["]"] = true, ["end"] = true, ["until"] = true }

-- Whether the name at `i` is no variable: a field, a method, an attribute (<const>), a label, a key
-- of a constructor.
local function is_no_variable(tokens, i, innermost)
  local before, after = tokens[i - 1], tokens[i + 1]
  if is(before, ".") or is(before, ":") or is(before, "::") or is(before, "goto") then
    return true
  elseif is(before, "<") and is(after, ">") then
    return true
  end
  return innermost == "{" and is(after, "=")
    and (is(before, "{") or is(before, ",") or is(before, ";"))
end

--- The names that are read or written as globals, and are none of Lua's own: sound (what is listed is
--- a global), not complete (a name that is local elsewhere in the file is let pass).
---@param tokens engine.Token[]
---@return { name: string, line: integer, near: table<string, true> }[]
function lua_source.undeclared(tokens)
  local declared = declarations(tokens)
  local list, stack = {}, {}
  for i, token in ipairs(tokens) do
    if token.kind ~= "string" then
      if OPENS[token.text] then
        table.insert(stack, OPENS[token.text])
      elseif CLOSES[token.text] then
        table.remove(stack)
      end
    end
    local name = token.text
    if token.kind == "name" and not KEYWORDS[name] and not declared[name]
      and not lua_source.GLOBALS[name] and not is_no_variable(tokens, i, stack[#stack])
    then
      table.insert(list, { name = name, line = token.line, near = declared })
    end
  end
  return declared._ENV and {} or list -- a file with an environment of its own has its own rules
end

return lua_source
