--- AWS's Query protocol, and EC2's dialect of it: named parameters in a form, values in an XML answer.
---
---     query.flatten({ StackName = "hello", Tags = { { Key = "a", Value = "b" } } })
---     --> { StackName = "hello", ["Tags.member.1.Key"] = "a", ["Tags.member.1.Value"] = "b" }
---
--- EC2 has its lists without `member`, and its parameters are named as they stand on the wire:
--- `Filter`, `InstanceId`.
local failure = require "engine.failure"
local order = require "engine.order"
local uri = require "host.uri"
local xml = require "host.xml"
local xml_answer = require "engine.aws.xml_answer"

local query = {}

local FORM = "application/x-www-form-urlencoded; charset=utf-8"

local put

-- { a = 1 } → name.entry.1.key = a, name.entry.1.value = 1
local function put_map(out, name, map, words, dialect)
  for i, key in ipairs(order.keys(map)) do
    local entry = ("%s.%s.%d."):format(name, words[1], i)
    put(out, entry .. words[2], key, dialect)
    put(out, entry .. words[3], map[key], dialect)
  end
end

local function put_fields(out, prefix, fields, dialect)
  for key, value in pairs(fields) do
    if dialect.maps[key] and type(value) == "table" then
      put_map(out, prefix .. key, value, dialect.maps[key], dialect)
    else
      put(out, prefix .. key, value, dialect)
    end
  end
end

function put(out, name, value, dialect)
  if type(value) ~= "table" then
    out[name] = tostring(value)
  elseif #value > 0 then
    for i, one in ipairs(value) do
      put(out, ("%s%s.%d"):format(name, dialect.item, i), one, dialect)
    end
  else
    put_fields(out, name .. ".", value, dialect)
  end
end

--- Turns nested parameters into the flat names of a form. An empty table says nothing.
---@param params table<string, any>
---@param service? engine.AwsService  says which parameters are maps, and whether this is EC2
---@return table<string, string>
function query.flatten(params, service)
  local out = {}
  put_fields(out, "", params, {
    maps = service and service.maps or {},
    item = service and service.protocol == "ec2" and "" or ".member",
  })
  return out
end

--- What goes on the wire for one action.
---@param service engine.AwsService
---@param action string
---@param params table<string, any>
---@return engine.Wire
function query.build(service, action, params)
  local form = query.flatten(params, service)
  form.Action, form.Version = action, service.version
  return {
    method = "POST",
    target = "/",
    headers = { ["Content-Type"] = FORM },
    body = uri.build_query(form),
  }
end

--- Reads an answer: what <ActionResult> holds (EC2: <ActionResponse>), every leaf a string; {} when it
--- holds nothing. A page of whoever stands between AWS and us is no answer: taken for one, it would be
--- waited on for ever.
---@param service engine.AwsService
---@param action string
---@param response host.http.Response
---@return table answer
function query.read(service, action, response)
  local root = assert(xml.decode(response.body))
  if root.name ~= action .. "Response" then
    failure.raise("failed", ("what came back for %s is no answer of AWS: <%s>"):format(action,
      root.name), { hint = "is there a proxy or a login page between this machine and AWS?" })
  end
  local result = service.protocol == "ec2" and root or nil
  for _, child in ipairs(root) do
    if not result and child.name == action .. "Result" then
      result = child
    end
  end
  local answer = result and xml_answer.fold(result)
  return type(answer) == "table" and answer or {}
end

return query
