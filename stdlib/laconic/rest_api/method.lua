--- What can be said of one method of a REST API: `api:method` checks it here, at its author's line.
---@module "laconic.rest_api.method"
local api_stage = require "laconic.api_stage"
local check = require "engine.check"
local handle = require "laconic.handle"
local parameters = require "laconic.rest_api.parameters"
local path = require "laconic.rest_api.path"
local resource = require "laconic.resource"
local schema = require "laconic.rest_api.schema"

local method = {}

---@class laconic.MethodOptions
---@field path string               "/todos/{id}", "/files/{path+}"
---@field verb string               "GET", …, "ANY"
---@field lambda? any               the function's handle, or an ARN as an intrinsic
---@field integration? table        instead of it: an integration as CloudFormation has it
---@field proxy? boolean            the request as it came, and the whole answer from the function;
---  default the API's; else API Gateway maps both: see docs/apis.md
---@field query? table<string, "required"|"optional">    parameters of the query
---@field headers? table<string, "required"|"optional">  headers of the request
---@field model? laconic.Handle|table  of a JSON body: what api:model returned, or a schema
---@field models? table<string, any>  such by content type
---@field validate? boolean|"body"|"parameters"|"all"  default: what a model and required parameters
---  ask for
---@field content_types? string[]   of requests that are mapped; others are answered 415
---@field status? integer           when the function says none; default 200
---@field statuses? "all"|integer[]  what the API's description says it answers with; default
---  `status`, 400 and 500
---@field request_templates? table<string, string>  by content type, instead of Laconic's
---@field request_parameters? table<string, string>  integration.request.… → method.request.…,
---  context.…, stageVariables.… or 'text'
---@field responses? laconic.ResponseOptions[]  integration responses besides Laconic's
---@field passthrough? "never"|"when_no_match"|"when_no_templates"  default "never"
---@field request_handling? "binary"|"text"   what becomes of a body before it is mapped
---@field response_handling? "binary"|"text"  and of an answer
---@field timeout? number           seconds for the integration, 0.05 to 300; default 29
---@field credentials? any          the ARN of a role by which API Gateway calls the function
---@field authorizer? laconic.Handle|"iam"|"none"  default the API's
---@field scopes? string[]          of which a Cognito token must have one
---@field claims? string[]          of a Cognito token, for the envelope; default those that are
---  common
---@field api_key? boolean          asks for a key of a usage plan; default the API's
---@field cache? laconic.MethodCache
---@field throttling? laconic.Throttling
---@field operation? string         its name in SDKs

---@class laconic.MethodCache
---@field keys? string[]            what tells answers apart: "query.page", "header.Accept",
---  "path.id"
---@field ttl? integer              seconds, 0 to 3,600; 0: not kept
---@field encrypted? boolean

---@class laconic.ResponseOptions
---@field pattern? string           of a failed function's error message, whole; none: instead of
---  the mapping of answers
---@field status integer
---@field headers? table<string, any>  static
---@field templates? table<string, string>  by content type; default with a pattern:
---  {"message": …} of the error's message. {} passes on all that Lambda tells, the trace too

local VERBS = {
  ANY = true,
  DELETE = true,
  GET = true,
  HEAD = true,
  OPTIONS = true,
  PATCH = true,
  POST = true,
  PUT = true,
}

--- Every status that HTTP names.
method.STATUSES = {
  200, 201, 202, 203, 204, 205, 206, 207, 208, 226,
  300, 301, 302, 303, 304, 305, 307, 308,
  400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418,
  421, 422, 423, 424, 425, 426, 428, 429, 431, 451,
  500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511,
}

local KNOWN = {}
for _, status in ipairs(method.STATUSES) do
  KNOWN[status] = true
end

local function test_status(status)
  if not KNOWN[status] then
    return ("%d is no status of HTTP, 200 to 511"):format(status)
  end
end

local STATUS = { type = "integer", test = test_status }

local function test_content_type(text)
  if not text:match "^[%w!#$&^_.+*-]+/[%w!#$&^_.+*-]+$" then
    return ("'%s' is no media type such as 'application/json'"):format(text)
  end
end

method.CONTENT_TYPES = { each = { type = "string", test = test_content_type }, least = 1 }

-- Keys that test says are texts of that form, values by a rule.
local function map_of(test, rule, name)
  return {
    type = "table",
    test = function(map)
      for key, value in pairs(map) do
        local is_name = type(key) == "string"
        local problem = not is_name and "a name expected, got " .. tostring(key) or test(key)
        if problem then
          return problem
        end
        check.value(("method.%s.%s"):format(name, key), value, rule)
      end
    end,
  }
end

local function test_parameter(name)
  if not name:match "^[%w._$%[%]:-]+$" then
    return ("'%s' is no parameter's name: letters, digits and ._$:-[] expected"):format(name)
  end
end

local NEED = { one_of = { "required", "optional" } }

local function test_mapped(name)
  if not name:match "^integration%.request%.%l+%.[%w._$-]+$" then
    return ("'%s' is nothing of a request, such as 'integration.request.header.Lang'"):format(name)
  end
end

local function test_cache_key(key)
  local kind, name = key:match "^(%l+)%.(.+)$"
  if not name or kind ~= "query" and kind ~= "header" and kind ~= "path" then
    return ("'%s' is no parameter: 'query.NAME', 'header.NAME' or 'path.NAME'"):format(key)
  end
end

local RESPONSE = {
  pattern = { type = "string", least = 1 },
  status = { type = "integer", required = true, test = test_status },
  headers = map_of(test_parameter, { type = "text" }, "responses.headers"),
  templates = map_of(test_content_type, { type = "string" }, "responses.templates"),
}

local CACHE = {
  keys = { each = { type = "string", test = test_cache_key } },
  ttl = { type = "integer", least = 0, most = 3600, unit = "seconds" },
  encrypted = { type = "boolean" },
}

local HANDLING = { one_of = { "binary", "text" } }
local TEXTS = { each = { type = "string", least = 1 }, least = 1 }

local RULES = {
  path = { type = "string", required = true },
  verb = { type = "string", required = true },
  lambda = {}, -- see read_target
  integration = { type = "table" },
  proxy = { type = "boolean" },
  query = map_of(test_parameter, NEED, "query"),
  headers = map_of(test_parameter, NEED, "headers"),
  model = { type = "table" },
  models = map_of(test_content_type, { type = "table" }, "models"),
  validate = { one_of = { true, false, "body", "parameters", "all" } },
  content_types = method.CONTENT_TYPES,
  status = STATUS,
  statuses = { type = { "table", "string" } },
  request_templates = map_of(test_content_type, { type = "string" }, "request_templates"),
  request_parameters = map_of(test_mapped, { type = "string", least = 1 }, "request_parameters"),
  responses = { each = { fields = RESPONSE } },
  passthrough = { one_of = { "never", "when_no_match", "when_no_templates" } },
  request_handling = HANDLING,
  response_handling = HANDLING,
  timeout = { type = "number", least = 0.05, most = 300, unit = "seconds" },
  credentials = { type = "text" },
  authorizer = { type = { "string", "table" } },
  scopes = TEXTS,
  claims = TEXTS,
  api_key = { type = "boolean" },
  cache = { fields = CACHE },
  throttling = api_stage.THROTTLING,
  operation = { type = "string", least = 1 },
}

-- Only a mapped integration reads them.
local MAPPED = {
  "claims", "content_types", "passthrough", "request_handling", "request_templates",
  "response_handling", "responses", "status",
}

local function check_verb(verb)
  if not VERBS[verb] then
    check.fail("E104", "method.verb: " .. check.unknown("verb", verb, VERBS),
      "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, or ANY for all that have none of their own")
  end
end

local INTEGRATION_TYPE = { one_of = { "AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK" } }

local function check_integration(integration)
  if integration.Type == nil then
    check.fail("E102", "method.integration: field 'Type' is missing",
      "the fields are CloudFormation's own: { Type = \"MOCK\", RequestTemplates = { … } }")
  end
  check.value("method.integration.Type", integration.Type, INTEGRATION_TYPE)
  resource.check_value("method.integration", integration)
end

-- Of a function of this service its id and name, of another its ARN.
local function read_target(options)
  local target = options.lambda
  if (target == nil) == (options.integration == nil) then
    check.fail("E102", "method: one of 'lambda' and 'integration' is needed")
  elseif target == nil then
    check_integration(options.integration)
    return nil
  elseif handle.kind(target) == "lambda" then
    return { id = target.id, name = target.name }
  elseif check.is_intrinsic(target) then
    return { arn = target }
  end
  check.fail("E103", "method.lambda: what service:lambda returned expected, or an ARN",
    type(target) == "string" and ("say service:lambda \"%s\""):format(target) or nil)
end

local function check_mapped(options, proxy)
  local why = options.integration and "'integration' says all of it itself"
    or proxy and "with 'proxy' the request and the answer are not mapped"
  for _, field in ipairs(why and MAPPED or {}) do
    if options[field] ~= nil then
      check.fail("E104", ("method.%s: %s"):format(field, why))
    end
  end
  if options.proxy ~= nil and options.integration then
    check.fail("E104", "method.proxy: 'integration' says all of it itself")
  end
end

local function read_statuses(options)
  local statuses = options.statuses
  if statuses == nil then
    return { 400, 500 }
  elseif type(statuses) == "string" then
    check.value("method.statuses", statuses, { one_of = { "all" } })
    return method.STATUSES
  end
  check.value("method.statuses", statuses, { each = STATUS })
  return statuses
end

local function read_model(name, value)
  local kind = handle.kind(value)
  if kind == "rest_api_model" then
    return { id = value.id, ref = value.ref }
  elseif kind then
    local text = "%s: what api:model returned expected, or a schema, got a %s"
    check.fail("E103", text:format(name, kind))
  end
  return { schema = schema.check(name, value) }
end

local function read_models(options)
  local models = {}
  for content_type, value in pairs(options.models or {}) do
    models[content_type] = read_model("method.models." .. content_type, value)
  end
  if options.model then
    if models["application/json"] then
      check.fail("E104", "method.model: 'models' says already what JSON bodies look like")
    end
    models["application/json"] = read_model("method.model", options.model)
  end
  return models
end

local function check_authorizer(options)
  local authorizer = options.authorizer
  if type(authorizer) == "string" then
    check.value("method.authorizer", authorizer, { one_of = { "iam", "none" } })
  elseif authorizer and handle.kind(authorizer) ~= "rest_api_authorizer" then
    check.fail("E103",
      "method.authorizer: what api:authorizer returned expected, \"iam\" or \"none\"")
  end
end

-- API Gateway keeps an integration response by its status.
local function check_responses(options)
  local default, taken = nil, {}
  for _, response in ipairs(options.responses or {}) do
    if not response.pattern then
      if default then
        check.fail("E104", "method.responses: only one can be without a 'pattern'")
      end
      default = response
    end
    if taken[response.status] then
      check.fail("E104", ("method.responses: %d has a response already"):format(response.status))
    end
    taken[response.status] = true
  end
  local status = options.status or 200
  if not default and taken[status] then
    check.fail("E104", ("method.responses: %d has a response already"):format(status),
      "it is that of a function that did not fail; leave out 'pattern' to replace it")
  end
end

-- Each path and verb once, and no two variables at one place; both lines are told.
local function check_room(said, entry)
  for _, other in ipairs(said.methods) do
    if other.path == entry.path and other.verb == entry.verb then
      local text = "method: %s %s is there already: %s"
      check.fail("E106", text:format(entry.verb, entry.path, other.where))
    end
    local mine, theirs = path.clash(entry.segments, other.segments)
    if mine then
      local text = "method.path: '%s' stands where %s has '%s': %s"
      check.fail("E106", text:format(mine, other.path, theirs, other.where),
        "API Gateway has room for one variable at each place: give them one name")
    end
  end
end

--- Checks what was said of a method, and returns it as the engine takes it.
---@param said table  the API
---@param options laconic.MethodOptions
---@return table
function method.read(said, options)
  check.fields("method", options, RULES)
  check_verb(options.verb)
  local segments, problem = path.read(options.path)
  if not segments then
    check.fail("E105", ("method.path: '%s': %s"):format(options.path, problem))
  end
  local entry = { path = options.path, verb = options.verb, segments = segments }
  entry.where = check.where() or "?"
  check_room(said, entry)
  entry.target = read_target(options)
  entry.proxy = options.proxy == nil and said.proxy and not options.integration or options.proxy
  check_mapped(options, entry.proxy)
  check_authorizer(options)
  parameters.check_cache_keys(options, segments)
  parameters.check_mapped(options, segments)
  check_responses(options)
  entry.statuses = read_statuses(options)
  entry.models = read_models(options)
  entry.options = options
  return entry
end

return method
