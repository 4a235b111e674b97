--- Lambda's Invoke: RequestResponse, Event, DryRun.
local digest = require "host.digest"
local fault = require "engine.local.fault"
local functions = require "engine.local.lambda.functions"
local invoking = require "engine.local.lambda.invoking"
local json = require "host.json"
local raw = require("engine.local.protocol.rest_json").raw

local actions = {}

local MAX_PAYLOAD <const> = 6291456
local MAX_EVENT_PAYLOAD <const> = 1048576

local function check_payload(text, most)
  if #text > most then
    fault.raise("RequestTooLargeException",
      ("%d byte payload is too large for the invocation type (limit %d bytes)"):format(#text, most),
      413)
  end
  local value, err = json.decode(text)
  if text ~= "" and value == nil and err then
    fault.raise("InvalidRequestContentException",
      "Could not parse request body into json: " .. tostring(err))
  end
end

local function client_context(request)
  local header = request:header "x-amz-client-context"
  local text = header and digest.from_base64(header)
  if header and (not text or type(json.decode(text)) ~= "table") then
    fault.raise("InvalidRequestContentException",
      "Client context must be a valid Base64-encoded JSON object.")
  end
  return text
end

local function respond(result, request)
  local headers = {
    { "Content-Type", "application/json" },
    { "X-Amz-Executed-Version", result.version },
  }
  if result.error then
    table.insert(headers, { "X-Amz-Function-Error", result.error })
  end
  if request:header "x-amz-log-type" == "Tail" then
    table.insert(headers, { "X-Amz-Log-Result", result.log })
  end
  return raw { status = 200, headers = headers, body = result.payload }
end

function actions.Invoke(request, params, cloud)
  local kind = request:header "x-amz-invocation-type" or "RequestResponse"
  local call = {
    region = request.region,
    name = params.FunctionName,
    qualifier = params.Qualifier,
    client_context = client_context(request),
    request_id = request.id,
  }
  if request:size() > MAX_PAYLOAD then
    check_payload((" "):rep(request:size()), MAX_PAYLOAD)
  end
  call.payload = request:text(MAX_PAYLOAD)
  if kind == "DryRun" then
    local found, qualifier = functions.get(cloud, call.region, call.name)
    functions.resolve(found, call.qualifier or qualifier)
    return raw { status = 204 }
  elseif kind == "Event" then
    check_payload(call.payload, MAX_EVENT_PAYLOAD)
    invoking.later(cloud, call)
    return raw { status = 202, body = "" }
  elseif kind ~= "RequestResponse" then
    fault.raise("InvalidParameterValueException", "InvocationType is not one of RequestResponse, "
      .. "Event, DryRun")
  end
  check_payload(call.payload, MAX_PAYLOAD)
  return respond(invoking.now(cloud, call), request)
end

return actions
