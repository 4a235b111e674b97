--- Selection expressions of WebSocket APIs, by which a message names its route or its model:
--- `$request.body.action`, `${request.body.kind}-${request.body.version}`, `\$default`. Their language is
--- told in "WebSocket selection expressions" of the Developer Guide
--- (docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-selection-expressions.html).
---
---     local expression = selection.compile "$request.body.action"
---     expression(selection.message('{"action":"join"}', stage))  --> "join"
local json = require "host.json"

local selection = {}

--- A message that expressions are asked about.
---@class engine.local.services.apigatewayv2.Message
---@field text string
---@field stage engine.local.services.apigatewayv2.WebsocketStage
---@field body? any       decoded
---@field is_read? boolean
---@field is_json? boolean

--- Wraps a message.
---@param text string
---@param stage engine.local.services.apigatewayv2.WebsocketStage
---@return engine.local.services.apigatewayv2.Message
function selection.message(text, stage)
  return { text = text, stage = stage }
end

--- A message's body, decoded once.
---@param message engine.local.services.apigatewayv2.Message
---@return any value
---@return boolean is_json
function selection.body(message)
  if not message.is_read then
    local value, err = json.decode(message.text)
    message.is_read, message.body, message.is_json = true, value, value ~= nil or err == nil
  end
  return message.body, message.is_json
end

-- "a.b[2]" → { "a", "b", 3 }; nil when it is no path.
local function read_path(text)
  local path, rest = {}, text
  while rest ~= "" do
    local name, tail = rest:match "^%.?([%w_-]+)(.*)$"
    if not name then
      name, tail = rest:match "^%[(%d+)%](.*)$"
      name = name and tonumber(name) + 1
    end
    if not name then
      return nil
    end
    table.insert(path, name)
    rest = tail
  end
  return path
end

local function of_body(path)
  return function(message)
    local value = selection.body(message)
    for _, name in ipairs(path) do
      value = type(value) == "table" and value[name] or nil
    end
    return value
  end
end

local function read_variable(name)
  local in_body = name:match "^request%.body([.%[].+)$"
  local path = in_body and read_path(in_body)
  if path then
    return of_body(path)
  end
  local variable = name:match "^stageVariables%.([%w_]+)$"
  return function(message)
    return variable and (message.stage.variables or {})[variable] or nil
  end
end

-- The parts of an expression: texts, and what reads a variable.
local function read_parts(text)
  local parts, rest = {}, text
  while rest ~= "" do
    local literal, tail = rest:match "^([^$\\]+)(.*)$"
    local escaped, after = rest:match "^\\(%$?)(.*)$"
    local name, behind = rest:match "^%${([^}]*)}(.*)$"
    if not name then
      name, behind = rest:match "^%$([%a_][%w_.%-%[%]]*)(.*)$"
    end
    if literal then
      table.insert(parts, literal)
      rest = tail
    elseif escaped then
      table.insert(parts, escaped == "" and "\\" or escaped)
      rest = after
    elseif name then
      table.insert(parts, read_variable(name))
      rest = behind
    else
      table.insert(parts, "$")
      rest = rest:sub(2)
    end
  end
  return parts
end

local function text_of(value)
  local kind = type(value)
  return (kind == "string" or kind == "boolean" or math.type(value)) and tostring(value) or nil
end

--- What finds the key that an expression selects; nil where a variable of it is not there.
---@param text string
---@return fun(message: engine.local.services.apigatewayv2.Message): string?
function selection.compile(text)
  local parts = read_parts(text)
  if #parts == 1 and type(parts[1]) == "function" then
    return function(message)
      return text_of(parts[1](message))
    end
  end
  return function(message)
    local found = {}
    for i, part in ipairs(parts) do
      found[i] = type(part) == "string" and part or text_of(part(message))
      if not found[i] then
        return nil
      end
    end
    return table.concat(found)
  end
end

return selection
