--- The integration of an operation: how API Gateway calls the function, and what it makes of answers.
local json = require "host.json"
local merge = require "engine.swagger.merge"
local request_template = require "engine.swagger.request_template"
local twin = require "engine.twin"

local integration = {}

--- The field that holds one.
integration.FIELD = "x-amazon-apigateway-integration"

local JSON_MEDIA <const> = "application/json"
local URI <const> = "arn:aws:apigateway:$Region$:lambda:path/2015-03-31/functions/%s/invocations"

--- What a client is told of everything that is no fault of its own.
integration.SERVICE_ERROR = '"errorMessage":"Service Error: An internal service error has '
  .. 'occurred.","errorType":"ServiceError"'

local COPIED <const> = [["errorMessage":$input.json('$.errorMessage'),]]
  .. [["errorType":$input.json('$.errorType')]]

-- A function's failure without a message is matched by no pattern, and would be its result. The look
-- at the text alone spares all others the search.
local SILENT <const> = [[#if($input.body.contains('"errorType"')]]
  .. [[ && $input.body.contains('"stackTrace"')]]
  .. [[ && $input.path('$.errorMessage') == '' && $input.path('$.errorType') != '')]]
  .. "#set($context.responseOverride.status = 500)"

local RESULT <const> = [["result":#if($input.body == 'null')null#{else}$input.json('$')#end]]

-- What a failed function's message must be, all of it, and what is answered then.
local SELECTIONS <const> = {
  { pattern = "(?s)Client Error:.*", status = "400", content = COPIED },
  { pattern = "(?s)Forbidden:.*", status = "403", content = COPIED },
  { pattern = "(?s)Not Found:.*", status = "404", content = COPIED },
  {
    pattern = "(?s)(?!Client Error:|Forbidden:|Not Found:).+",
    status = "500",
    content = integration.SERVICE_ERROR,
  },
}

local function response(operation, status, template)
  local made = { statusCode = status, responseTemplates = { [JSON_MEDIA] = template } }
  if operation.enable_cors then
    made.responseParameters = { ["method.response.header.Access-Control-Allow-Origin"] = "'*'" }
  end
  return made
end

local function responses(operation)
  local added = operation.response_content
  local function filled(content, status)
    return "{" .. content .. (added[status] or "") .. "}"
  end
  local result = SILENT .. filled(integration.SERVICE_ERROR, "500") .. "#{else}"
    .. filled(RESULT, "200") .. "#end"
  local made = { default = response(operation, "200", result) }
  for _, selection in ipairs(SELECTIONS) do
    local template = filled(selection.content, selection.status)
    made[selection.pattern] = response(operation, selection.status, template)
  end
  return made
end

--- The integration object of an operation.
---@param operation engine.swagger.Operation
---@return table
function integration.of(operation)
  return merge({
    type = "AWS",
    httpMethod = "POST",
    uri = URI:format(operation.lambda),
    credentials = "$RoleArn$",
    passthroughBehavior = "never",
    requestTemplates = { [JSON_MEDIA] = request_template.of(operation) },
    responses = responses(operation),
  }, operation.properties)
end

local ORIGINS <const> = "method.response.header.Access-Control-Allow-"

local PREFLIGHT <const> = {
  [ORIGINS .. "Origin"] = "'*'",
  [ORIGINS .. "Methods"] = "'POST,GET,DELETE,PUT,HEAD,PATCH,OPTIONS'",
  [ORIGINS .. "Headers"] = "'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token'",
}

--- The integration of a browser's question beforehand, which no function hears of.
---@return table
function integration.of_preflight()
  return {
    type = "mock",
    passthroughBehavior = "when_no_match",
    requestTemplates = { [JSON_MEDIA] = '{"statusCode": 200}' },
    responses = {
      default = {
        statusCode = "200",
        responseTemplates = { [JSON_MEDIA] = "{}" },
        responseParameters = twin.deep(PREFLIGHT),
      },
    },
  }
end

--- Names of the headers that it answers with.
integration.PREFLIGHT_HEADERS = json.array {
  "Access-Control-Allow-Headers",
  "Access-Control-Allow-Methods",
  "Access-Control-Allow-Origin",
}

return integration
