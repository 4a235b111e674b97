--- Whether a request is one that a listener's rule is for.
local address_block = require "engine.local.http.address_block"
local received = require "engine.local.http.received"
local wildcard = require "engine.local.wildcard"

local conditions = {}

--- What is asked of a request.
---@class engine.local.services.elasticloadbalancing.Asked
---@field request engine.local.Request
---@field path string        as on the request line
---@field host string        in lower case, without its port
---@field headers table<string, string>  lower-case

local function any(values, fits)
  for _, value in ipairs(values) do
    if fits(value) then
      return true
    end
  end
  return false
end

local function like(pattern, text)
  return wildcard.matches(pattern:lower(), text:lower())
end

local function has_parameter(query, wanted)
  for name, value in received.parameters(query) do
    if (not wanted.Key or like(wanted.Key, name)) and like(wanted.Value, value) then
      return true
    end
  end
  return false
end

-- Field → the member with its values, and whether a request has one of them.
local FIELDS <const> = {
  ["path-pattern"] = { "PathPatternConfig", function(asked, value)
    return wildcard.fits(value, asked.path)
  end },
  ["host-header"] = { "HostHeaderConfig", function(asked, value)
    return like(value, asked.host)
  end },
  ["http-request-method"] = { "HttpRequestMethodConfig", function(asked, value)
    return value == asked.request.method
  end },
  ["http-header"] = { "HttpHeaderConfig", function(asked, value, config)
    local header = asked.headers[tostring(config.HttpHeaderName):lower()]
    return header ~= nil and like(value, header)
  end },
  ["query-string"] = { "QueryStringConfig", function(asked, value)
    return has_parameter(asked.request.query, value)
  end },
  ["source-ip"] = { "SourceIpConfig", function(asked, value)
    return address_block.contains(value, received.address(asked.request))
  end },
}

--- Whether it is a field that conditions may have.
---@return boolean
function conditions.is_field(name)
  return FIELDS[name] ~= nil
end

--- Whether a request meets all of them.
---@param list table[]  of a rule
---@param asked engine.local.services.elasticloadbalancing.Asked
---@return boolean
function conditions.met(list, asked)
  for _, condition in ipairs(list) do
    local member, fits = table.unpack(FIELDS[condition.Field])
    local config = condition[member] or condition
    if not any(config.Values or {}, function(value)
      return fits(asked, value, config)
    end) then
      return false
    end
  end
  return true
end

return conditions
