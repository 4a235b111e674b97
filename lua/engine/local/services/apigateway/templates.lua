--- Mapping templates: chosen, rendered, and what they override taken out.
local host_vtl -- loaded with the first template that has something to work out
local log = require "host.log"
local refusal = require "engine.local.services.apigateway.refusal"

local templates = {}

---@class engine.local.services.apigateway.Rendered
---@field text string
---@field request_override table   { header?, path?, querystring? }
---@field response_override table  { header?, status? }

-- What a template gives that has nothing to work out.
local function static(text)
  return {
    render = function()
      return text
    end,
  }
end

local function compile(text)
  if not text:find "[$#\\]" then
    return static(text)
  end
  host_vtl = host_vtl or require "host.vtl"
  return host_vtl.compile(text)
end

--- Templates by their media type, ready to be rendered. One that cannot be read fails the requests
--- that need it, as in AWS, and the log says where.
---@param said? table<string, string>
---@return table<string, table>
function templates.compile(said)
  local compiled = {}
  for kind, text in pairs(said or {}) do
    local template, err = compile(tostring(text))
    compiled[kind] = template or { problem = tostring(err) }
  end
  return compiled
end

local function fail(exchange, problem)
  log.warn("a mapping template failed", {
    api = exchange.stage.api.id, resource = exchange.method.resource_path,
    problem = tostring(problem),
  })
  refusal.internal()
end

local function as_table(value)
  return type(value) == "table" and value or {}
end

--- Renders a template. What it sets in $context stays there for the ones after it.
---@param exchange engine.local.services.apigateway.Exchange
---@param template table
---@param body string
---@return engine.local.services.apigateway.Rendered
function templates.render(exchange, template, body)
  if template.problem then
    fail(exchange, template.problem)
  end
  local context = exchange:context()
  local text, changed = template:render {
    body = body,
    params = {
      path = exchange.parameters,
      querystring = exchange:query(),
      header = exchange:headers(),
    },
    context = context,
    stage_variables = exchange.stage.variables,
  }
  if not text then
    fail(exchange, changed)
  end
  for name, value in pairs(changed or {}) do
    context[name] = value
  end
  return {
    text = text,
    request_override = as_table(context.requestOverride),
    response_override = as_table(context.responseOverride),
  }
end

return templates
