--- A target group whose target is a function: the event that it gets, and what its answer means.
local digest = require "host.digest"
local json = require "host.json"
local payload_v2 = require "engine.local.http.payload_v2"
local received = require "engine.local.http.received"
local target = require "engine.local.http.target"

local group = {}

local SERVICE <const> = "elasticloadbalancing.amazonaws.com"
local MULTI <const> = "lambda.multi_value_headers.enabled"
local MOST_BYTES <const> = 1024 * 1024
local SECONDS <const> = 900
local UNSORTED <const> = { sorted = false }

---@class engine.local.services.elasticloadbalancing.Group
---@field arn string
---@field target? engine.local.http.Target
---@field is_multi boolean   headers and parameters have all their values
---@field most integer       bytes of a body

--- Works a target group out.
---@param record engine.local.services.elasticloadbalancing.Record
---@return engine.local.services.elasticloadbalancing.Group
function group.compile(record)
  local properties, is_multi = record.properties, false
  for _, attribute in ipairs(properties.TargetGroupAttributes or {}) do
    is_multi = is_multi or attribute.Key == MULTI and tostring(attribute.Value) == "true"
  end
  local first = (properties.Targets or {})[1]
  return {
    arn = record.arn,
    is_multi = is_multi,
    most = MOST_BYTES,
    target = first and properties.TargetType == "lambda" and target.new {
      arn = first.Id, service = SERVICE, source_arn = record.arn, seconds = SECONDS,
    } or nil,
  }
end

-- Parameters as they were sent, escapes and all.
local function each_parameter(query)
  return (query or ""):gmatch "([^&=]+)=?([^&]*)"
end

-- The last value of each name, or all of them.
local function gather(self, pairs_of)
  local last, all = received.gathered(pairs_of)
  return json.object(self.is_multi and all or last)
end

--- The event of a request, as JSON.
---@param self engine.local.services.elasticloadbalancing.Group
---@param path string
---@return string
function group.event(self, cloud, request, path)
  local headers = gather(self, received.each_header(cloud, request, string.lower))
  local parameters = gather(self, each_parameter(received.unicode(request.query or "")))
  local body, is_base64 = received.body(request, received.headers(request), MOST_BYTES)
  return assert(json.encode({
    requestContext = { elb = { targetGroupArn = self.arn } },
    httpMethod = request.method,
    path = received.unicode(path),
    queryStringParameters = not self.is_multi and parameters or nil,
    multiValueQueryStringParameters = self.is_multi and parameters or nil,
    headers = not self.is_multi and headers or nil,
    multiValueHeaders = self.is_multi and headers or nil,
    body = body or "",
    isBase64Encoded = is_base64,
  }, UNSORTED))
end

local function add_headers(self, answer, result)
  local said = self.is_multi and result.multiValueHeaders or not self.is_multi and result.headers
  for name, value in pairs(type(said) == "table" and said or {}) do
    local list = self.is_multi and value or { value }
    for _, item in ipairs(type(list) == "table" and list or {}) do
      if not payload_v2.add_header(answer, name, item) then
        return false
      end
    end
  end
  return true
end

--- What a function returned as an answer for host.server; nil when it is malformed.
---@param self engine.local.services.elasticloadbalancing.Group
---@param text string  JSON
---@return table?
function group.answer(self, text)
  local result = #text <= MOST_BYTES and json.decode(text)
  local status = type(result) == "table" and math.tointeger(tonumber(result.statusCode))
  if not status or status < 200 or status > 599 then
    return nil
  end
  local answer = { status = status, headers = {}, body = result.body }
  if answer.body == nil or answer.body == json.null then
    answer.body = ""
  end
  if type(answer.body) ~= "string" or not add_headers(self, answer, result) then
    return nil
  elseif result.isBase64Encoded == true then
    answer.body = digest.from_base64(answer.body)
  end
  return answer.body and answer or nil
end

return group
