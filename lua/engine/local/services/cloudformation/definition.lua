--- What a caller says of a stack: its template, parameters, tags, capabilities, read from a request
--- and checked.
local capabilities = require "engine.local.services.cloudformation.capabilities"
local fault = require "engine.local.fault"
local json = require "host.json"
local live = require "engine.local.services.cloudformation.live"
local parameters = require "engine.local.services.cloudformation.parameters"
local resources = require "engine.local.resources"
local same = require "engine.same"
local stored_object = require "engine.local.stored_object"
local template = require "engine.local.services.cloudformation.template"
local uri = require "host.uri"

local definition = {}

local MAX_READ <const> = 4 * 1024 * 1024 -- of a template in S3; one over CloudFormation's limit is named
local MAX_TAGS <const> = 50

local function complain(format, ...)
  fault.raise("ValidationError", format:format(...))
end

--- A parameter that is a list, whichever way it came.
---@return table
function definition.list(value)
  return type(value) == "table" and #value > 0 and value or {}
end

--- A parameter that is a truth value, in the query protocol's words.
---@return boolean
function definition.is_true(value)
  return value == "true" or value == true
end

-- http://127.0.0.1:4566/bucket/key, http://bucket.localhost:4566/key,
-- https://bucket.s3.eu-west-1.amazonaws.com/key, https://s3.amazonaws.com/bucket/key
local function locate(url)
  local parts = type(url) == "string" and uri.parse(url)
  if not parts then
    complain "TemplateURL must be a supported URL."
  end
  local bucket = parts.host:match "^(.+)%.s3[.-][%w.-]*amazonaws%.com$"
    or parts.host:match "^(.+)%.s3%.localhost$" or parts.host:match "^(.+)%.localhost$"
  local path = parts.path
  if not bucket then
    bucket, path = path:match "^/([^/]+)(/.+)$"
  end
  local key = path and uri.decode(path:sub(2))
  if not bucket or not key or key == "" then
    complain "TemplateURL must reference a valid S3 object to which you have access."
  end
  local version
  for _, pair in ipairs(uri.parse_query(parts.query or "") or {}) do
    version = pair[1] == "versionId" and pair[2] or version
  end
  return bucket, key, version
end

local function fetch(cloud, request, url)
  local bucket, key, version = locate(url)
  local ok, body = pcall(stored_object.read, cloud, {
    bucket = bucket, key = key, version = version, region = request.region,
  }, MAX_READ)
  if ok then
    return body
  elseif fault.is(body) then
    complain("S3 error: %s", body.message)
  end
  error(body, 0)
end

--- The text of the template that a request names; nil with UsePreviousTemplate or none at all.
---@return string?
function definition.template_text(cloud, request, params)
  if params.TemplateBody and params.TemplateURL then
    complain "Either Template URL or Template Body must be specified, not both."
  elseif params.TemplateBody then
    template.check_size(params.TemplateBody, true)
    return params.TemplateBody
  elseif params.TemplateURL then
    local body = fetch(cloud, request, params.TemplateURL)
    template.check_size(body, false)
    return body
  end
  return nil
end

local function given_parameters(params)
  local given = {}
  for _, parameter in ipairs(definition.list(params.Parameters)) do
    table.insert(given, {
      name = parameter.ParameterKey or "",
      value = parameter.ParameterValue,
      use_previous = definition.is_true(parameter.UsePreviousValue),
    })
  end
  return given
end

local function given_tags(params)
  local tags, seen = json.array {}, {}
  for _, tag in ipairs(definition.list(params.Tags)) do
    local key = tag.Key or ""
    if key == "" or #key > 128 or #(tag.Value or "") > 256 then
      complain "Tag keys have 1 to 128 characters, tag values at most 256."
    elseif key:lower():find "^aws:" then
      complain "aws: prefixed tag key names are not allowed for external use."
    elseif seen[key] then
      complain("Duplicate tag key: %s", key)
    end
    seen[key] = true
    table.insert(tags, { Key = key, Value = tag.Value or "" })
  end
  if #tags > MAX_TAGS then
    complain("Number of tags may not exceed %d", MAX_TAGS)
  end
  return tags
end

--- What a request says a stack is to be. For an update `stack` is the one there is: what the request
--- leaves out stays.
---@return table fields  of the stack's document: template, parameters, tags, …
---@return table body    the template, read
function definition.read(cloud, request, params, stack)
  if params.StackPolicyBody or params.StackPolicyURL or params.StackPolicyDuringUpdateBody
    or params.StackPolicyDuringUpdateURL then
    fault.not_answered "stack policies"
  end
  local text = definition.template_text(cloud, request, params)
  if not text and stack and definition.is_true(params.UsePreviousTemplate) then
    text = stack.template
  elseif not text then
    complain "Either Template URL or Template Body must be specified."
  end
  local body = template.read(text)
  local acknowledged = definition.list(params.Capabilities)
  capabilities.check(body, acknowledged)
  local fields = {
    template = text,
    description = body.Description or "",
    parameters = json.object(parameters.resolve(body.Parameters or {}, given_parameters(params),
      stack and stack.parameters)),
    capabilities = json.array(table.move(acknowledged, 1, #acknowledged, 1, {})),
    tags = given_tags(params),
    role_arn = params.RoleARN or stack and stack.role_arn,
    notification_arns = json.array(table.move(definition.list(params.NotificationARNs), 1,
      #definition.list(params.NotificationARNs), 1, {})),
  }
  if stack and params.Tags == nil then
    fields.tags = stack.tags
  end
  if stack and params.NotificationARNs == nil then
    fields.notification_arns = stack.notification_arns
  end
  return fields, body
end

--- How a plan compares a definition with a stack.
---@return engine.local.services.cloudformation.PlanInput
function definition.plan_input(cloud, stack, fields, body)
  return {
    template = body,
    old_template = stack.template and json.decode(stack.template),
    parameters = fields.parameters,
    facts = live.facts(cloud, stack),
    records = stack.resources,
    handler_of = resources.of,
    attribute = function(id, name)
      return live.attribute(cloud, stack, id, name)
    end,
    import = function(name)
      return live.import(cloud, stack, name)
    end,
    tags_changed = not same(stack.tags, fields.tags),
  }
end

return definition
