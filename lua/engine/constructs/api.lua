--- A service API becomes a REST API whose body is the processed description, with its deployment and
--- stage, and the permission to call the function.
local deployment = require "engine.constructs.rest_api.deployment"
local description = require "engine.constructs.parts.description"
local failure = require "engine.failure"
local file = require "host.file"
local integration = require "engine.swagger.integration"
local operations = require "engine.swagger.operations"
local permission = require "engine.constructs.parts.permission"
local placeholders = require "engine.swagger.placeholders"
local problems = require "engine.swagger.problems"
local spelling = require "engine.spelling"
local swagger = require "engine.swagger"
local twin = require "engine.twin"
local url_output = require "engine.constructs.parts.url_output"
local value = require "engine.constructs.parts.value"

local api = {}

local function folder_of(service)
  return (service.path or ""):match "^(.*/)" or ""
end

local processed_of = setmetatable({}, { __mode = "k" }) -- words → what their file became

-- A dispatch object may name another function of the service.
local function names_of(model)
  local ids = {}
  for _, fn in ipairs(model.functions) do
    ids[fn.name] = fn.id
  end
  return ids
end

local function path_of(words, model)
  local path = folder_of(model.service) .. words.swagger
  if not file.exists(path) then
    failure.raise("invalid", ("there is no API description '%s'"):format(path), {
      code = "E219",
      where = words.where,
      hint = "say where it is from the folder of the service file",
    })
  end
  return path
end

--- The processed description of one; made once.
---@param words engine.ConstructWords
---@param model engine.Model
---@return engine.swagger.Processed
function api.processed(words, model)
  if not processed_of[words] then
    local path, folder, ids = path_of(words, model), folder_of(model.service), names_of(model)
    processed_of[words] = swagger.process(path, {
      interfaces = words.interfaces and folder .. words.interfaces,
      lambda = function(name)
        return ids[name] and ("$%s$"):format(ids[name]) or name
      end,
    })
  end
  return processed_of[words]
end

local OWN <const> = "$ServiceLambdaArn$"

-- Whether the service's own dispatcher answers it.
local function is_own(operation, words)
  return operation.lambda == OWN or operation.lambda == ("$%sFunction$"):format(words.stem)
end

local function module_file(words, operation)
  return ("%s/%s.lua"):format(words.folder, (operation.module:gsub("%.", "/")))
end

local function values_of(words, model)
  local values = {}
  for name, setting in pairs(words.settings) do
    values[name] = setting
  end
  for _, fn in ipairs(model.functions) do
    values[fn.id] = value.att(fn.id, "Arn")
  end
  values.ServiceLambdaArn = value.att(words.stem .. "Function", "Arn")
  values.Region = value.ref "AWS::Region"
  values.Partition = value.ref "AWS::Partition"
  values.RoleArn = words.role
  return values
end

-- What answers an operation is a function of the service, an ARN, or what the settings say.
local function check_functions(words, model)
  local noted, names = problems.new(), {}
  local values = values_of(words, model)
  for _, fn in ipairs(model.functions) do
    names[fn.name] = true
  end
  for _, operation in ipairs(api.processed(words, model).operations) do
    local placeholder = operation.lambda:match "^%$(%a%w*)%$$"
    local is_known = placeholder and values[placeholder] ~= nil
    if not is_known and not operation.lambda:find "^arn:" then
      noted:add(operation.here, ("'%s' is no function of the service%s"):format(operation.lambda,
        spelling.guess(operation.lambda, names)), "name one, or write an ARN")
    end
  end
  noted:raise(folder_of(model.service) .. words.swagger, "E221")
end

--- Each operation has its function, and its module: what the dispatcher would look for in vain is told
--- here.
function api.check(words, model)
  check_functions(words, model)
  local noted, path = problems.new(), folder_of(model.service) .. words.swagger
  local code = "E223"
  for _, operation in ipairs(api.processed(words, model).operations) do
    local name = module_file(words, operation)
    if is_own(operation, words) and not operation.module:find "^[%w_.-]+$" then
      code = "E221" -- there can be no such module
      noted:add(operation.here, ("'%s' cannot be a module's name"):format(operation.module),
        "name another in the dispatch object")
    elseif is_own(operation, words) and not file.exists(folder_of(model.service) .. name) then
      noted:add(operation.here, ("there is no %s"):format(name),
        ("write it, with a function '%s'"):format(operation.function_name))
    end
  end
  noted:raise(path, code)
end

--- What its author should know of the description, each by the file's name.
function api.warnings(words, model)
  local list = {}
  for i, warning in ipairs(api.processed(words, model).warnings) do
    list[i] = ("%s: %s"):format(words.swagger, warning)
  end
  return list
end

--- The modules, which are looked at as the service file is: they travel, and so does what they require.
function api.sources(words, model)
  local folder, list = folder_of(model.service), {}
  local paths, err = file.walk(folder .. words.folder)
  if not paths then
    failure.raise("invalid", ("the folder '%s' cannot be read"):format(words.folder), {
      code = "E206",
      where = words.where,
      cause = err,
    })
  end
  for _, path in ipairs(paths) do
    if path:find "%.lua$" and not path:find "_spec%.lua$" then
      local name = words.folder .. "/" .. path
      table.insert(list, { name = name, path = folder .. name })
    end
  end
  return list
end

-- The URI as the description has it is of the commercial partition; and without a role to take, the
-- function itself lets API Gateway call.
local function fit(met, words)
  local own = met.operation[integration.FIELD]
  if type(own) ~= "table" then
    return
  end
  if type(own.uri) == "string" then
    own.uri = own.uri:gsub("^arn:aws:apigateway:%$Region%$", "arn:$Partition$:apigateway:$Region$")
  end
  if own.credentials == "$RoleArn$" and not words.role then
    own.credentials = nil
  end
end

local function body_of(words, model)
  local document = twin.deep(api.processed(words, model).document)
  for _, met in ipairs(operations.of(document)) do
    fit(met, words)
  end
  return placeholders.replace(document, values_of(words, model))
end

-- Lets every operation of the API call a function.
local function permitted(words, function_id)
  return permission.new(value.att(function_id, "Arn"), "apigateway.amazonaws.com",
    value.execute_arn(words.stem .. "Api", "/*/*"))
end

-- The functions that integrations name, an author's own integrations too.
local function functions_called(words, model)
  local uris, own, list = {}, words.stem .. "Function", {}
  for _, met in ipairs(operations.of(api.processed(words, model).document)) do
    local made = met.operation[integration.FIELD]
    table.insert(uris, type(made) == "table" and type(made.uri) == "string" and made.uri or nil)
  end
  local text = table.concat(uris, "\n")
  for _, fn in ipairs(model.functions) do
    local named = text:find(("$%s$"):format(fn.id), 1, true)
    if named or fn.id == own and text:find(OWN, 1, true) then
      table.insert(list, fn.id)
    end
  end
  return list
end

local function add_permissions(list, words, model)
  for _, id in ipairs(functions_called(words, model)) do
    local own = id == words.stem .. "Function"
    local name = words.stem .. "Api" .. (own and "" or id) .. "Permission"
    table.insert(list, { id = name, resource = permitted(words, id) })
  end
end

local function stage(words, deployment_id)
  return {
    Type = "AWS::ApiGateway::Stage",
    Properties = {
      DeploymentId = value.ref(deployment_id),
      RestApiId = value.ref(words.stem .. "Api"),
      StageName = words.stage,
      Variables = words.stage_variables,
    },
  }
end

--- The resources under their first names; the deployment gets another one, see `settle`.
function api.expand(words, model)
  local body, id = body_of(words, model), words.stem .. "Api"
  local deployment_id, shown = deployment.new(words)
  local resources = {
    {
      id = id,
      resource = {
        Type = "AWS::ApiGateway::RestApi",
        Properties = {
          Body = body,
          EndpointConfiguration = { Types = { "REGIONAL" } },
          FailOnWarnings = true,
          Name = value.join(value.ref "AWS::StackName", "_" .. words.name),
        },
      },
    },
    { id = deployment_id, resource = shown },
    { id = id .. "Stage", resource = stage(words, deployment_id) },
  }
  add_permissions(resources, words, model)
  return {
    resources = resources,
    outputs = url_output.list(words, ("the service API '%s'"):format(words.name), words.url),
  }
end

--- The deployment is named after all that the API is. A large description leaves the template then; the
--- name is the same wherever it stands.
function api.settle(words, template, model, build)
  deployment.settle(words, template, model)
  description.settle(words, words.stem .. "Api", template, model, build)
end

return api
