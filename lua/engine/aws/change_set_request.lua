--- What CloudFormation is asked for with a change set: name, capabilities, parameters, tags. Functions
--- of their arguments; nothing is sent here.
---
--- Ours are named "laconic-<digest of what they are made from, and of what they would change>": one
--- that a killed run left behind is known as ours, and a request that is sent twice makes one.
local capabilities = require "engine.capabilities"
local digest = require "host.digest"
local failure = require "engine.failure"
local json = require "host.json"

local change_set_request = {}

--- How the name of every change set of ours begins.
change_set_request.PREFIX = "laconic-"

--- The capabilities that a template needs, no more.
---@param template table
---@return string[]
function change_set_request.capabilities(template)
  local list = {}
  if template.Transform ~= nil then
    table.insert(list, "CAPABILITY_AUTO_EXPAND")
  end
  table.insert(list, (capabilities.of_iam(template)))
  return list
end

local function sorted_pairs(map, key_name, value_name)
  local list = {}
  for key, value in pairs(map) do
    table.insert(list, { [key_name] = key, [value_name] = tostring(value) })
  end
  table.sort(list, function(a, b)
    return a[key_name] < b[key_name]
  end)
  return list
end

--- Refuses parameters that the template does not declare.
---@param template table
---@param given table<string, string>
function change_set_request.check_parameters(template, given)
  local declared, unknown = template.Parameters or {}, nil
  for name in pairs(given) do
    if not declared[name] and (not unknown or name < unknown) then
      unknown = name
    end
  end
  if unknown then
    local words = require("engine.check").unknown("parameter", unknown, declared)
    failure.raise("usage", "--param: " .. words, { code = "E703" })
  end
end

-- What was given; what is live already keeps its value; what has a default takes it.
local function parameters_of(template, given, live)
  local declared = template.Parameters or {}
  change_set_request.check_parameters(template, given)
  local list = sorted_pairs(given, "ParameterKey", "ParameterValue")
  local missing = {}
  for name, definition in pairs(declared) do
    if given[name] == nil then
      if live[name] ~= nil then
        table.insert(list, { ParameterKey = name, UsePreviousValue = true })
      elseif definition.Default == nil then
        table.insert(missing, name)
      end
    end
  end
  if #missing > 0 then
    table.sort(missing)
    failure.raise("usage", ("no value for the parameter %s"):format(table.concat(missing, ", ")), {
      code = "E703",
      hint = ("say --param %s=VALUE"):format(missing[1]),
    })
  end
  table.sort(list, function(a, b)
    return a.ParameterKey < b.ParameterKey
  end)
  return list
end

---@class engine.ChangeSetRequest
---@field stack_name string
---@field type "CREATE"|"UPDATE"
---@field template table
---@field template_text string
---@field template_url string
---@field parameters table<string, string>
---@field live_parameters table<string, string>
---@field tags table<string, string>
---@field since? string     when the live stack last changed

--- The parameters of CreateChangeSet: a function of its argument.
---@param request engine.ChangeSetRequest
---@return table params
function change_set_request.params(request)
  local params = {
    StackName = request.stack_name,
    ChangeSetType = request.type,
    TemplateURL = request.template_url,
    Capabilities = change_set_request.capabilities(request.template),
    Parameters = parameters_of(request.template, request.parameters, request.live_parameters),
    Tags = sorted_pairs(request.tags, "Key", "Value"),
  }
  if request.type == "CREATE" then
    params.OnStackFailure = "DELETE"
  end
  local identity = assert(json.encode {
    params.Parameters,
    params.Tags,
    request.type,
    request.since or "",
  })
  local made_from = digest.sha256(request.template_text .. identity)
  params.ChangeSetName = change_set_request.PREFIX .. made_from:sub(1, 32)
  return params
end

--- The name of a change set that is as another one, but for its template.
---@param params table  the other one's
---@param template_text string
---@return string
function change_set_request.name(params, template_text)
  local made_from = digest.sha256(params.ChangeSetName .. template_text)
  return change_set_request.PREFIX .. made_from:sub(1, 32)
end

return change_set_request
