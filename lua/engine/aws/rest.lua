--- AWS's REST protocols: parameters in the path, the query, the headers and the body.
---
--- An action names its method and path ({Name} is filled from the parameters, {Key+} keeps its
--- slashes), which parameters go to the query or the headers, and what the body is: "json" (all that
--- is left), or one parameter's name. `answer` says how to read what comes back: "json" (default),
--- "xml", or "raw" (headers and body).
local check = require "engine.check"
local failure = require "engine.failure"
local json = require "host.json"
local uri = require "host.uri"

local rest = {}

---@class engine.RestAction
---@field method string
---@field path string
---@field fixed_query? string
---@field query? table<string, string>     parameter → name in the query
---@field headers? table<string, string>   parameter → header
---@field prefixed? table<string, string>  parameter that is a map → what its headers begin with
---@field body? string
---@field answer? "json"|"xml"|"raw"
---@field lists? string[]                  xml: elements that are lists without an element around them

--- What one action looks like: from engine/aws/actions/, which is loaded when it is first asked for.
---@param service engine.AwsService
---@param action string
---@return engine.RestAction
function rest.action(service, action)
  local module = "engine.aws.actions." .. service.name
  local ok, actions = pcall(require, module)
  local known = ok and type(actions) == "table" and actions[action]
  if not known then
    check.fail("E104", ("%s: %s"):format(service.title,
      check.unknown("action", action, ok and actions or {})),
      "client:request { method = …, path = …, body = … } calls any action of a REST service")
  end
  return known
end

-- Takes the parameters that the path names out of `left`.
local function fill_path(path, left)
  return (
    path:gsub("{(%w+)(%+?)}", function(name, greedy)
      local value = left[name]
      if value == nil or value == "" then
        check.fail("E102", ("the parameter '%s' is missing"):format(name))
      end
      left[name] = nil
      return uri.encode(value, greedy == "+" and "/" or nil)
    end)
  )
end

-- Takes the parameters that `names` maps out of `left`: name on the wire → text.
local function pick(names, left)
  local picked = {}
  for name, wire_name in pairs(names or {}) do
    if left[name] ~= nil then
      picked[wire_name] = tostring(left[name])
      left[name] = nil
    end
  end
  return picked
end

local function query_string(action, left)
  local picked = uri.build_query(pick(action.query, left))
  if action.fixed_query then
    return "?" .. action.fixed_query .. (picked ~= "" and "&" .. picked or "")
  end
  return picked ~= "" and "?" .. picked or ""
end

local function headers_of(action, left)
  local headers = pick(action.headers, left)
  for name, prefix in pairs(action.prefixed or {}) do
    for key, value in pairs(left[name] or {}) do
      headers[prefix .. key] = tostring(value)
    end
    left[name] = nil
  end
  return headers
end

-- A parameter that goes nowhere would be a wish that nobody hears.
local function refuse_rest(action, left)
  local unknown = action.body ~= "json" and next(left)
  if unknown then
    check.fail("E101", ("unknown parameter '%s'"):format(unknown))
  end
end

--- What goes on the wire for one action. A body parameter may be { path = FILE }.
---@param action engine.RestAction
---@param params table<string, any>
---@return engine.Wire
function rest.build(action, params)
  local left = {}
  for name, value in pairs(params) do
    left[name] = value
  end
  local wire = { method = action.method, target = fill_path(action.path, left) }
  wire.target = wire.target .. query_string(action, left)
  wire.headers = headers_of(action, left)
  if action.body == "json" then
    wire.headers["Content-Type"] = "application/json"
    wire.body = assert(json.encode(json.object(left)))
  elseif action.body and type(left[action.body]) == "table" then
    wire.body_file = left[action.body]
  elseif action.body then
    wire.body = left[action.body]
  end
  left[action.body or ""] = nil
  refuse_rest(action, left)
  return wire
end

-- S3 may find out that a copy fails after it has said 200; and for a bucket of another region it says
-- 301, which nobody follows.
local function refuse_error(root, status)
  local err = require("engine.aws.xml_answer").fold(root)
  failure.raise("service", status < 300 and "S3 failed after it had begun to answer"
    or "the bucket is in another region", {
    code = err.Code,
    status = status,
    cause = err.Message,
    request_id = err.RequestId,
    retryable = err.Code == "InternalError" or err.Code == "SlowDown",
  })
end

local function read_xml(response, lists)
  local flat = {}
  for _, name in ipairs(lists or {}) do
    flat[name] = true
  end
  local root = assert(require("host.xml").decode(response.body))
  if root.name == "Error" then
    refuse_error(root, response.status)
  end
  local answer = require("engine.aws.xml_answer").fold(root, flat)
  return type(answer) == "table" and answer or {}
end

--- Reads what came back, as the action says.
---@param action engine.RestAction
---@param response host.http.Response
---@return table
function rest.read(action, response)
  if action.answer == "raw" then
    return { status = response.status, headers = response.headers, body = response.body }
  elseif response.body == "" then
    return {}
  elseif action.answer == "xml" then
    return read_xml(response, action.lists)
  end
  return require("engine.aws.json_document").decode(response.body)
end

return rest
