--- Reads expressions, token by token: what all of them have in common. A reader belongs to one
--- expression of one request; its refusals name the expression.
local fault = require "engine.local.fault"
local reserved = require "engine.local.services.dynamodb.expression.reserved"
local split = require("engine.local.services.dynamodb.expression.tokens").split

local reader = {}
reader.__index = reader

local LONGEST <const> = 4096
local MOST_OPERATORS <const> = 300

-- Words of the grammar, which are never taken for names.
local GRAMMAR <const> = { AND = true, BETWEEN = true, IN = true, NOT = true, OR = true }

---@class engine.local.services.dynamodb.Reader
---@field label string  "ConditionExpression"

--- An operand: a path into the item, a value of the request, or a function of operands.
---@class engine.local.services.dynamodb.Operand
---@field kind "path"|"value"|"call"
---@field path? engine.local.services.dynamodb.Path
---@field value? engine.local.services.dynamodb.Attribute
---@field name? string     call: "size"
---@field arguments? engine.local.services.dynamodb.Operand[]

--- Begins to read an expression.
---@param label string
---@param source string
---@param placeholders engine.local.services.dynamodb.Placeholders
---@return engine.local.services.dynamodb.Reader
function reader.new(label, source, placeholders)
  local self = setmetatable({
    label = label,
    source = source,
    placeholders = placeholders,
    at = 1,
    operators = 0,
  }, reader)
  if type(source) ~= "string" then
    fault.raise("SerializationException", label .. ": a string expected")
  elseif source == "" then
    self:refuse "The expression can not be empty;"
  elseif #source > LONGEST then
    self:refuse("Expression size has exceeded the maximum allowed size; expression size: %d",
      #source)
  end
  self.tokens = split(source)
  return self
end

--- Refuses the expression.
---@param message string
function reader:refuse(message, ...)
  fault.raise("ValidationException", ("Invalid %s: "):format(self.label) .. message:format(...))
end

--- The token that is read next, or one of those behind it.
---@param ahead? integer  default 0
---@return engine.local.services.dynamodb.Token
function reader:peek(ahead)
  return self.tokens[math.min(self.at + (ahead or 0), #self.tokens)]
end

--- Refuses the next token, which stands where another was expected.
function reader:fail()
  local token = self:peek()
  local before, behind = self.tokens[self.at - 1], self.tokens[self.at + 1]
  local near = self.source:sub(before and before.first or 1, behind and behind.last or -1)
  self:refuse('Syntax error; token: "%s", near: "%s"', token.text, near:match "^(.-)%s*$")
end

--- Takes the next token.
---@return engine.local.services.dynamodb.Token
function reader:take()
  local token = self:peek()
  self.at = self.at + 1
  return token
end

--- Whether the next token is this mark, or this keyword in capital or small letters.
---@param text string  keywords in capital letters
---@return boolean
function reader:is(text)
  local token = self:peek()
  return token.kind == "mark" and token.text == text
    or token.kind == "word" and token.text:upper() == text
end

--- Takes the next token if it is this one.
---@param text string
---@return boolean
function reader:accept(text)
  if self:is(text) then
    self.at = self.at + 1
    return true
  end
  return false
end

--- Takes the next token, which must be this one.
---@param text string
function reader:expect(text)
  if not self:accept(text) then
    self:fail()
  end
end

--- The expression ends here.
function reader:finish()
  if self:peek().kind ~= "end" then
    self:fail()
  end
end

--- Counts an operator or a function: there is a bound on them.
function reader:count()
  self.operators = self.operators + 1
  if self.operators > MOST_OPERATORS then
    self:refuse("The expression contains too many operators; operator count: %d", self.operators)
  end
end

local function element(self)
  local token = self:peek()
  if token.kind == "name" then
    self:take()
    local name = self.placeholders:name(token.text)
    if not name then
      self:refuse("An expression attribute name used in the document path is not defined;"
        .. " attribute name: %s", token.text)
    end
    return name
  elseif token.kind ~= "word" or GRAMMAR[token.text:upper()] then
    self:fail()
  elseif reserved.has(token.text) then
    self:refuse("Attribute name is a reserved keyword; reserved keyword: %s", token.text)
  end
  return self:take().text
end

--- A document path: a name, and what follows of ".name" and "[0]".
---@return engine.local.services.dynamodb.Path
function reader:path()
  local path = { element(self) }
  while true do
    if self:accept "." then
      table.insert(path, element(self))
    elseif self:accept "[" then
      if self:peek().kind ~= "number" then
        self:fail()
      end
      table.insert(path, math.tointeger(self:take().text) or math.maxinteger)
      self:expect "]"
    else
      return path
    end
  end
end

--- A value of the request: ":v".
---@return engine.local.services.dynamodb.Attribute
function reader:value()
  local token = self:peek()
  if token.kind ~= "value" then
    self:fail()
  end
  self:take()
  local value = self.placeholders:value(token.text)
  if not value then
    self:refuse("An expression attribute value used in expression is not defined;"
      .. " attribute value: %s", token.text)
  end
  return value
end

---@return boolean
function reader:at_function()
  local behind = self:peek(1)
  return self:peek().kind == "word" and behind.kind == "mark" and behind.text == "("
end

--- A function: its name, and what `read_argument` reads between the parentheses.
---@param read_argument fun(): engine.local.services.dynamodb.Operand
---@return engine.local.services.dynamodb.Operand
function reader:call(read_argument)
  self:count()
  local name, arguments = self:take().text, {}
  self:expect "("
  repeat
    table.insert(arguments, read_argument())
  until not self:accept ","
  self:expect ")"
  return { kind = "call", name = name, arguments = arguments }
end

--- Refuses a function that has more or fewer arguments.
---@param call engine.local.services.dynamodb.Operand
---@param count integer
function reader:check_count(call, count)
  if #call.arguments ~= count then
    self:refuse("Incorrect number of operands for operator or function; operator or function: %s,"
      .. " number of operands: %d", call.name, #call.arguments)
  end
end

--- Refuses a value of the request whose type its operator does not take.
---@param operator string
---@param operand engine.local.services.dynamodb.Operand
---@param types table<string, true>
function reader:check_type(operator, operand, types)
  local kind = operand.value and next(operand.value)
  if kind and not types[kind] then
    self:refuse("Incorrect operand type for operator or function; operator or function: %s,"
      .. " operand type: %s", operator, kind)
  end
end

--- Refuses a function that is given something else than a path.
---@param call engine.local.services.dynamodb.Operand
function reader:check_path(call)
  if not call.arguments[1].path then
    self:refuse("Operator or function requires a document path; operator or function: %s",
      call.name)
  end
end

return reader
