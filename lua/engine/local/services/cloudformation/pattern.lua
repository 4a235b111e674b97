--- Regular expressions, for a parameter's AllowedPattern: the part of Java's syntax that templates
--- use. Literals, `.`, classes, `\d \w \s` and their opposites, groups, alternatives, `* + ? {n,m}`
--- greedy or lazy, `^ $`. Anything else is refused by name, never guessed at.
local pattern = {}

local MAX_STEPS <const> = 200000 -- a pattern of an author's own can be exponential: then we say so
local MAX_DEPTH <const> = 10000 -- of matchers inside matchers
local MAX_REPEAT <const> = 1000

local CLASSES <const> = { d = "%d", w = "[%w_]", s = "%s" }
local CONTROLS <const> = { n = "\n", t = "\t", r = "\r", f = "\f", e = "\27" }

local function class_test(letter)
  local lua_class = CLASSES[letter:lower()]
  local wanted = letter == letter:lower()
  return function(char)
    return (char:find(lua_class) ~= nil) == wanted
  end
end

local function fail(reader, what)
  error({ pattern = ("%s at character %d of %s"):format(what, reader.at, reader.text) }, 0)
end

local function peek(reader)
  return reader.text:sub(reader.at, reader.at)
end

local function take(reader, count)
  local text = reader.text:sub(reader.at, reader.at + (count or 1) - 1)
  reader.at = reader.at + #text
  return text
end

-- After a backslash: a test for one character.
local function read_escape(reader)
  local letter = take(reader)
  if CLASSES[letter:lower()] then
    return class_test(letter)
  elseif letter:find "%w" and not CONTROLS[letter] or letter == "" then
    fail(reader, "an unknown escape \\" .. letter)
  end
  local literal = CONTROLS[letter] or letter
  return function(char)
    return char == literal
  end, literal
end

local function any_of(tests, negated)
  return function(char)
    for _, test in ipairs(tests) do
      if test(char) then
        return not negated
      end
    end
    return negated
  end
end

local function read_class(reader)
  local negated = peek(reader) == "^" and take(reader) == "^"
  local tests, first = {}, true
  while peek(reader) ~= "]" or first do
    first = false
    local low = take(reader)
    local test
    if low == "" or low == "[" or low == "&" and peek(reader) == "&" then
      fail(reader, "a class that is not closed, or of a kind unknown here,")
    elseif low == "\\" then
      test, low = read_escape(reader)
    end
    local dash = low and peek(reader) == "-" and reader.text:sub(reader.at + 1, reader.at + 1)
    if dash and dash ~= "]" then
      take(reader)
      local high = take(reader)
      if high == "\\" then
        high = select(2, read_escape(reader))
      end
      if not high or high < low then
        fail(reader, "a range that is none")
      end
      local from, to = low, high
      test = function(char)
        return char >= from and char <= to
      end
    elseif not test then
      local literal = low
      test = function(char)
        return char == literal
      end
    end
    table.insert(tests, test)
  end
  take(reader)
  return any_of(tests, negated)
end

local read_alternatives

local function read_atom(reader)
  local char = take(reader)
  if char == "(" then
    if peek(reader) == "?" and take(reader, 2) ~= "?:" then
      fail(reader, "a group of a kind unknown here")
    end
    local node = read_alternatives(reader)
    if take(reader) ~= ")" then
      fail(reader, "a group that is not closed")
    end
    return node
  elseif char == "[" then
    return { kind = "char", test = read_class(reader) }
  elseif char == "\\" then
    return { kind = "char", test = (read_escape(reader)) }
  elseif char == "." then
    return { kind = "char", test = function(c) return c ~= "\n" end }
  elseif char == "^" or char == "$" then
    return { kind = char }
  elseif char == "*" or char == "+" or char == "?" or char == "{" then
    fail(reader, "a repetition of nothing")
  end
  return { kind = "char", test = function(c) return c == char end }
end

local function read_bounds(reader)
  local char = peek(reader)
  if char == "*" or char == "+" or char == "?" then
    take(reader)
    return char == "+" and 1 or 0, char == "?" and 1 or math.huge
  elseif char == "{" then
    local low, comma, high, stop = reader.text:match("^{(%d+)(,?)(%d*)}()", reader.at)
    if not low or tonumber(low) > MAX_REPEAT or (tonumber(high) or 0) > MAX_REPEAT then
      fail(reader, "a repetition that is none")
    end
    reader.at = stop
    return tonumber(low), comma == "" and tonumber(low) or tonumber(high) or math.huge
  end
  return nil
end

local function read_sequence(reader)
  local nodes = {}
  while reader.at <= #reader.text and not peek(reader):find "[|)]" do
    local atom = read_atom(reader)
    local low, high = read_bounds(reader)
    if low then
      local lazy = peek(reader) == "?" and take(reader) == "?"
      if peek(reader) == "+" then
        fail(reader, "a possessive repetition, unknown here,")
      end
      atom = { kind = "repeat", node = atom, low = low, high = high, lazy = lazy }
    end
    table.insert(nodes, atom)
  end
  return { kind = "sequence", nodes = nodes }
end

function read_alternatives(reader)
  reader.depth = (reader.depth or 0) + 1
  if reader.depth > 64 then
    fail(reader, "groups nested too deeply")
  end
  local choices = { read_sequence(reader) }
  while peek(reader) == "|" do
    take(reader)
    table.insert(choices, read_sequence(reader))
  end
  reader.depth = reader.depth - 1
  return { kind = "choice", nodes = choices }
end

-- Each matcher calls `go(at)` for every way on, and returns true at the first that leads to the end.
local match

local matchers = {}

function matchers.char(node, run, at, go)
  return at <= #run.text and node.test(run.text:sub(at, at)) and go(at + 1)
end

matchers["^"] = function(_, _, at, go)
  return at == 1 and go(at)
end

matchers["$"] = function(_, run, at, go)
  return at == #run.text + 1 and go(at)
end

function matchers.sequence(node, run, at, go)
  local function step(index, place)
    if index > #node.nodes then
      return go(place)
    end
    return match(node.nodes[index], run, place, function(after)
      return step(index + 1, after)
    end)
  end
  return step(1, at)
end

function matchers.choice(node, run, at, go)
  for _, choice in ipairs(node.nodes) do
    if match(choice, run, at, go) then
      return true
    end
  end
  return false
end

-- One character repeated is by far the commonest: counted, without a call for each.
local function repeat_char(node, run, at, go)
  local count, most = 0, math.min(node.high, #run.text - at + 1)
  while count < most and node.node.test(run.text:sub(at + count, at + count)) do
    count = count + 1
  end
  local from, to, step = count, node.low, -1
  if node.lazy then
    from, to, step = node.low, count, 1
  end
  if count < node.low then
    return false
  end
  for taken = from, to, step do
    if go(at + taken) then
      return true
    end
  end
  return false
end

matchers["repeat"] = function(node, run, at, go)
  if node.node.kind == "char" then
    return repeat_char(node, run, at, go)
  end
  local function again(count, place)
    local function more()
      return count < node.high and match(node.node, run, place, function(after)
        return (after > place or count < node.low) and again(count + 1, after)
      end)
    end
    if count < node.low then
      return more()
    elseif node.lazy then
      return go(place) or more()
    end
    return more() or go(place)
  end
  return again(0, at)
end

function match(node, run, at, go)
  run.steps = run.steps + 1
  if run.steps > MAX_STEPS or run.depth > MAX_DEPTH then
    error({ pattern = "it takes too many steps" }, 0)
  end
  run.depth = run.depth + 1
  local ok = matchers[node.kind](node, run, at, go)
  run.depth = run.depth - 1
  return ok or false
end

local function complaint(raised)
  return type(raised) == "table" and raised.pattern
    or type(raised) == "string" and raised:find "stack overflow" and "it nests too deeply"
end

--- Whether the whole of `text` matches.
---@param expression string
---@param text string
---@return boolean? matches  nil when the expression is not one, or too costly; then why
---@return string? reason
function pattern.matches(expression, text)
  local ok, result = pcall(function()
    local reader = { text = expression, at = 1 }
    local node = read_alternatives(reader)
    if reader.at <= #expression then
      fail(reader, "a group closed that was not opened")
    end
    return match(node, { text = text, steps = 0, depth = 0 }, 1, function(at)
      return at == #text + 1
    end)
  end)
  if ok then
    return result
  end
  return nil, complaint(result) or error(result, 0)
end

return pattern
