--- AWS's query protocol: Action and parameters as a form, XML back (STS, IAM, CloudFormation).
local fault = require "engine.local.fault"
local markup = require "engine.local.markup"
local uri = require "host.uri"

local query = {}

local MAX_FIELDS = 10000

local function form_fields(request)
  local text = request.method == "POST" and request:text() or request.query or ""
  local fields = uri.parse_query((text:gsub("%+", "%%20")))
  if not fields or #fields > MAX_FIELDS then
    fault.raise("MalformedInput", "The body of the request is not a form that can be read")
  end
  return fields
end

-- "Parameters.member.1.ParameterKey" → one branch of the tree of names.
local function plant(tree, name, value)
  local node, last = tree, nil
  for part in name:gmatch "[^.]+" do
    if last then
      if type(node[last]) ~= "table" then
        node[last] = {}
      end
      node = node[last]
    end
    last = part
  end
  if last then
    node[last] = value
  end
end

local function as_list(node)
  local places = {}
  for key in pairs(node) do
    if not key:match "^%d+$" then
      return nil
    end
    table.insert(places, key)
  end
  table.sort(places, function(a, b)
    return tonumber(a) < tonumber(b)
  end)
  local list = {}
  for _, key in ipairs(places) do
    table.insert(list, node[key])
  end
  return list
end

-- Numbered children are a list, with or without `member` before the numbers.
local function shape(node)
  if type(node) ~= "table" then
    return node
  end
  for key, child in pairs(node) do
    node[key] = shape(child)
  end
  if type(node.member) == "table" and next(node, next(node)) == nil then
    return node.member
  end
  return next(node) and as_list(node) or node
end

--- The action and its parameters: named fields, lists for `member.N`.
---@return string? action
---@return table params
function query.read(request)
  local tree = {}
  for _, field in ipairs(form_fields(request)) do
    plant(tree, field[1], field[2])
  end
  local action = tree.Action
  tree.Action, tree.Version = nil, nil
  for key, child in pairs(tree) do
    tree[key] = shape(child)
  end
  return type(action) == "string" and action or nil, tree
end

local function respond(request, status, text)
  return {
    status = status,
    headers = { { "Content-Type", "text/xml" }, { "x-amzn-RequestId", request.id } },
    body = text,
  }
end

--- A handler's result → `<ActionResponse><ActionResult>…`.
function query.write(request, service, result)
  local action = request.action
  return respond(request, 200, markup.document(action .. "Response", service.namespace, {
    [action .. "Result"] = result or {},
    ResponseMetadata = { RequestId = request.id },
  }))
end

function query.refuse(request, service, problem)
  return respond(request, problem.status, markup.document("ErrorResponse", service.namespace, {
    Error = {
      Type = problem.status >= 500 and "Receiver" or "Sender",
      Code = problem.code,
      Message = problem.message,
    },
    RequestId = request.id,
  }))
end

return query
