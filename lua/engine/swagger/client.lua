--- A Lua module that calls a service API, made of its processed description: a function for each
--- operation, with the types of what it takes and gives for editors and their checks.
local dialect = require "engine.swagger.dialect"
local lua_text = require "engine.swagger.lua_text"
local order = require "engine.order"
local security_rules = require "engine.swagger.security_rules"
local types = require "engine.swagger.client_types"

local client = {}

-- The name of an operation's function: its operationId, or its method and path; its own alone.
local function name_of(operation, taken)
  local text = operation.id or operation.verb .. operation.path:gsub("[{}+]", "")
  local name = lua_text.identifier(text)
  local free, number = name, 1
  while taken[free] do
    number = number + 1
    free = name .. "_" .. number
  end
  taken[free] = true
  return free
end

local function is_signed(document, operation)
  local own = document.paths[operation.path][operation.verb].security or document.security or {}
  for _, requirement in ipairs(own) do
    if requirement[security_rules.OWN] then
      return true
    end
  end
  return false
end

local function sorted(parameters)
  local list = table.move(parameters, 1, #parameters, 1, {})
  table.sort(list, function(a, b)
    return a.name < b.name
  end)
  return list
end

local function parameter_line(parameter)
  local fields = { ("location = %q"):format(parameter.location) }
  local is_plain = parameter.location ~= "body" and not parameter.is_json
  if parameter.type and (is_plain or parameter.type == "array") then
    table.insert(fields, ("type = %q"):format(parameter.type))
  end
  if parameter.is_json then
    table.insert(fields, "json = true")
  end
  if parameter.required then
    table.insert(fields, "required = true")
  end
  if parameter.type == "array" and parameter.separator and parameter.separator ~= "," then
    table.insert(fields, "separator = " .. lua_text.quoted(parameter.separator))
  end
  local name = lua_text.quoted(parameter.name)
  return ("      [%s] = { %s },"):format(name, table.concat(fields, ", "))
end

local function operation_lines(state, operation, name)
  local lines = {
    ("  %s = {"):format(name),
    ("    name = %q,"):format(name),
    ("    method = %q,"):format(operation.verb:upper()),
    ("    path = %s,"):format(lua_text.quoted(operation.path)),
  }
  if is_signed(state.document, operation) then
    table.insert(lines, "    signed = true,")
  end
  table.insert(lines, "    parameters = {")
  for _, parameter in ipairs(sorted(operation.parameters)) do
    table.insert(lines, parameter_line(parameter))
  end
  table.insert(lines, "    },")
  table.insert(lines, "  },")
  return table.concat(lines, "\n")
end

-- { name: string, count?: integer }
local function params_type(state, operation)
  local fields, optional = {}, true
  for _, parameter in ipairs(sorted(operation.parameters)) do
    local its = parameter.schema and types.of(state, parameter.schema)
      or types.of_plain(parameter)
    optional = optional and not parameter.required
    table.insert(fields, ("%s%s: %s"):format(lua_text.field(parameter.name),
      parameter.required and "" or "?", its))
  end
  return ("{ %s }"):format(table.concat(fields, ", ")), optional
end

local function function_lines(state, operation, name)
  local lines = {}
  table.insert(lines, "--- " .. lua_text.line(operation.summary
    or operation.verb:upper() .. " " .. operation.path))
  if #operation.parameters > 0 then
    local its, optional = params_type(state, operation)
    table.insert(lines, ("---@param params%s %s"):format(optional and "?" or "", its))
  end
  local schema = state.way.result_schema(state.document,
    state.document.paths[operation.path][operation.verb])
  table.insert(lines, "---@return " .. (schema and types.of(state, schema) or "any"))
  local given = #operation.parameters > 0 and "params" or ""
  table.insert(lines, ("function methods:%s(%s)"):format(name, given))
  table.insert(lines, ("  return self:call(OPERATIONS.%s%s)"):format(name,
    given ~= "" and ", params" or ""))
  table.insert(lines, "end")
  return table.concat(lines, "\n")
end

local FORM <const> = [[
--- Calls the API %s. Made by `laconic client`: what is changed here is lost when it is made again.
---
---     local api = require("%s").new { url = "https://…" }
---
--- A failure that the API tells is raised as an error object: `status`, `type` and `message`.
local api_client = require "laconic.api_client"

local client = {}

local OPERATIONS = {
%s
}

%s
---@class %s.Client: laconic.ApiClient
local methods = api_client.class()

%s

--- Makes a client.
---@param options laconic.ApiClientOptions  { url = "…" }, and more
---@return %s.Client
function client.new(options)
  return api_client.new(methods, options)
end

return client
]]

--- The text of the module.
---@param processed engine.swagger.Processed
---@param name string  what it is called: "leaderboard_client"
---@return string
function client.text(processed, name)
  local document = processed.document
  local space = lua_text.identifier((name:gsub("_client$", "")))
  local state = { document = document, way = dialect.of(document), space = space }
  local defined = state.way.definitions(document) or {}
  state.classes = types.classes(space, defined)
  local taken, calls, docs = { new = true, call = true }, {}, {}
  for _, operation in ipairs(processed.operations) do
    local own = name_of(operation, taken)
    table.insert(calls, operation_lines(state, operation, own))
    table.insert(docs, function_lines(state, operation, own))
  end
  local classes = {}
  for _, key in ipairs(order.keys(defined)) do
    table.insert(classes, types.definition(state, key, defined[key]))
  end
  local title = lua_text.line(("%s %s"):format(document.info.title, document.info.version))
  return FORM:format(title, lua_text.line(name), table.concat(calls, "\n"),
    table.concat(classes, "\n"), space, table.concat(docs, "\n\n"), space)
end

return client
