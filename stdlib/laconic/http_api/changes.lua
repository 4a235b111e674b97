--- What a route of an HTTP API changes of requests and of answers on their way.
---@module "laconic.http_api.changes"
local check = require "engine.check"

local changes = {}

-- API Gateway keeps these headers to itself: names in lower case, or what they begin with.
local RESERVED = {
  ["authorization"] = true,
  ["connection"] = true,
  ["content-encoding"] = true,
  ["content-length"] = true,
  ["content-location"] = true,
  ["forwarded"] = true,
  ["keep-alive"] = true,
  ["origin"] = true,
  ["proxy-authenticate"] = true,
  ["proxy-authorization"] = true,
  ["te"] = true,
  ["trailers"] = true,
  ["transfer-encoding"] = true,
  ["upgrade"] = true,
  ["via"] = true,
  ["x-forwarded-for"] = true,
  ["x-forwarded-host"] = true,
  ["x-forwarded-proto"] = true,
}
local RESERVED_FAMILIES = { "^access%-control%-", "^apigw%-", "^x%-amzn?%-" }

local function is_reserved(name)
  local lower = name:lower()
  return RESERVED[lower] or check.fits(lower, RESERVED_FAMILIES)
end

local WORDS = { append = true, overwrite = true, remove = true }

local REQUEST = { "^path$", "^header%.[^.%s]+$", "^querystring%.%S+$" }
local RESPONSE = { "^statuscode$", "^header%.[^.%s]+$" }

-- What is wrong with what is to be changed.
local function target_problem(target, places, example)
  local word, place = tostring(target):match "^(%l+):(.+)$"
  local is_known = WORDS[word] and check.fits(place, places)
  if not is_known or place:match "^%l+$" and word ~= "overwrite" then
    return ("'%s' is not what can be changed, such as '%s'"):format(tostring(target), example)
  end
  local header = place:match "^header%.(.+)$"
  if header and is_reserved(header) then
    return ("'%s': API Gateway lets nobody change the header '%s'"):format(target, header)
  end
end

-- What new values can be made of.
local OF_REQUEST = {
  "^context%.[%w_.-]+$", "^stageVariables%.[%w_]+$", "^request%.path$", "^request%.path%.[%w._-]+$",
  "^request%.header%.[%w_-]+$", "^request%.querystring%.[^%s}]+$", "^request%.body[.%[]?.*$",
}
local OF_RESPONSE = {
  "^context%.[%w_.-]+$", "^stageVariables%.[%w_]+$", "^response%.header%.[%w_-]+$",
  "^response%.body[.%[]?.*$",
}

-- What is wrong with the new value: "$context.stage", "a ${request.path} b", or any other text.
local function value_problem(target, value, patterns)
  if type(value) ~= "string" then
    return not check.is_intrinsic(value)
      and ("%s: string or intrinsic expected"):format(target) or nil
  end
  local whole = value:match "^%$(%a.*)$"
  if whole and not check.fits(whole, patterns) then
    return ("%s: '%s' is nothing that API Gateway knows there"):format(target, value)
  end
  for reference in value:gmatch "%${([^}]*)}" do
    if not check.fits(reference, patterns) then
      return ("%s: '${%s}' is nothing that API Gateway knows there"):format(target, reference)
    end
  end
end

--- For `check`: what is wrong with changes of a request.
---@param parameters table<string, any>
---@return string?
function changes.test_request(parameters)
  for target, value in pairs(parameters) do
    local problem = target_problem(target, REQUEST, "append:header.stage")
      or value_problem(target, value, OF_REQUEST)
    if problem then
      return problem
    end
  end
end

--- For `check`: what is wrong with changes of answers, by their status.
---@param by_status table<integer, table<string, any>>
---@return string?
function changes.test_response(by_status)
  for status, parameters in pairs(by_status) do
    if math.type(status) ~= "integer" or status < 200 or status > 599 then
      return ("'%s' is not a status from 200 to 599"):format(tostring(status))
    elseif type(parameters) ~= "table" then
      return ("[%d]: table expected"):format(status)
    end
    for target, value in pairs(parameters) do
      local problem = target_problem(target, RESPONSE, "overwrite:header.etag")
        or value_problem(target, value, OF_RESPONSE)
      if problem then
        return ("[%d]: %s"):format(status, problem)
      end
    end
  end
end

return changes
