--- Answers a client's request to a load balancer: its listener's rules by priority, the action of the
--- first that fits.
local conditions = require "engine.local.services.elasticloadbalancing.conditions"
local group = require "engine.local.services.elasticloadbalancing.group"
local log = require "host.log"
local received = require "engine.local.http.received"
local store = require "engine.local.services.elasticloadbalancing.store"

local balancer = {}

local REASONS <const> = {
  [413] = "Request Entity Too Large",
  [500] = "Internal Server Error",
  [502] = "Bad Gateway",
  [503] = "Service Temporarily Unavailable",
}
local PAGE <const> = "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n"
  .. "<center><h1>%d %s</h1></center>\r\n</body>\r\n</html>\r\n"

local function say(status)
  local reason = REASONS[status]
  return {
    status = status,
    headers = { { "Server", "awselb/2.0" }, { "Content-Type", "text/html" } },
    body = PAGE:format(status, reason, status, reason),
  }
end

local function by_priority(a, b)
  return a.priority < b.priority
end

local function actions_of(list)
  local sorted = {}
  for i, action in ipairs(list or {}) do
    table.insert(sorted, { priority = tonumber(action.Order) or i, action = action })
  end
  table.sort(sorted, by_priority)
  local actions = {}
  for i, item in ipairs(sorted) do
    actions[i] = item.action
  end
  return actions
end

local function compile_listener(cloud, record)
  local rules = {}
  for _, rule in ipairs(store.all(cloud, "rules")) do
    if rule.properties.ListenerArn == record.arn then
      table.insert(rules, {
        priority = tonumber(rule.properties.Priority) or math.huge,
        conditions = rule.properties.Conditions or {},
        actions = actions_of(rule.properties.Actions),
      })
    end
  end
  table.sort(rules, by_priority)
  table.insert(rules, { conditions = {}, actions = actions_of(record.properties.DefaultActions) })
  return {
    port = math.tointeger(tonumber(record.properties.Port)) or 0,
    protocol = record.properties.Protocol or "HTTP",
    rules = rules,
  }
end

-- The listeners by their ports, and the one that is meant where none is named: 80, 443, the first.
local function compile(cloud, record)
  local listeners, first = {}, nil
  for _, listener in ipairs(store.all(cloud, "listeners")) do
    if listener.properties.LoadBalancerArn == record.arn then
      local made = compile_listener(cloud, listener)
      listeners[made.port] = made
      first = (not first or made.port < first.port) and made or first
    end
  end
  return { by_port = listeners, usual = listeners[80] or listeners[443] or first }
end

-- Where an action forwards to: of several groups the heaviest, for here all of it is one machine.
local function group_of(action)
  local list = (action.ForwardConfig or {}).TargetGroups or {}
  local best, weight = action.TargetGroupArn, -1
  for _, item in ipairs(list) do
    if (tonumber(item.Weight) or 1) > weight then
      best, weight = item.TargetGroupArn, tonumber(item.Weight) or 1
    end
  end
  return best
end

local RUN = {}

function RUN.forward(cloud, asked, action)
  local arn = group_of(action)
  local record = store.find(cloud, "groups", arn)
  local made = record and store.compiled(cloud, arn, function()
    return group.compile(record)
  end)
  if not made or not made.target then
    return say(503)
  elseif asked.request:size() > made.most then
    return say(413)
  end
  local event = group.event(made, cloud, asked.request, asked.path)
  local result = made.target:call(cloud, event, asked.request.id)
  return result and not result.error and group.answer(made, result.payload) or say(502)
end

RUN["fixed-response"] = function(_, _, action)
  local config = action.FixedResponseConfig or {}
  return {
    status = math.tointeger(tonumber(config.StatusCode)) or 200,
    headers = {
      { "Server", "awselb/2.0" }, { "Content-Type", config.ContentType or "text/plain" },
    },
    body = config.MessageBody or "",
  }
end

function RUN.redirect(_, asked, action)
  local config = action.RedirectConfig or {}
  local known = {
    protocol = asked.listener.protocol:lower(),
    host = asked.host,
    port = tostring(asked.listener.port),
    path = asked.path:sub(2),
    query = asked.request.query or "",
  }
  local function fill(text, default)
    return ((text or default):gsub("#{(%l+)}", known))
  end
  local protocol = fill(config.Protocol, "#{protocol}"):lower()
  local query = fill(config.Query, "#{query}")
  local location = ("%s://%s:%s%s%s"):format(protocol, fill(config.Host, "#{host}"),
    fill(config.Port, "#{port}"), fill(config.Path, "/#{path}"), query ~= "" and "?" .. query or "")
  return {
    status = config.StatusCode == "HTTP_301" and 301 or 302,
    headers = { { "Server", "awselb/2.0" }, { "Location", location } },
    body = "",
  }
end

-- Only the last of several actions answers; those before it ask who it is, which nobody does here.
local function run(cloud, asked, actions)
  local action = actions[1]
  local perform = action and RUN[action.Type]
  if perform then
    return perform(cloud, asked, action)
  elseif action then
    log.warn("a load balancer cannot do what its rule says", { action = action.Type })
  end
  return say(action and 500 or 503)
end

--- Answers a request.
---@param cloud engine.local.Cloud
---@param record engine.local.services.elasticloadbalancing.Record
---@param request engine.local.Request
---@param port? integer  which listener; default: 80's, 443's, or the only one
---@param path string
---@return table answer
function balancer.answer(cloud, record, request, port, path)
  local made = store.compiled(cloud, record.arn, function()
    return compile(cloud, record)
  end)
  local listener = port and made.by_port[port] or not port and made.usual
  if not listener then
    return say(503)
  end
  local headers = received.headers(request)
  local asked = {
    request = request,
    path = path,
    headers = headers,
    host = (headers.host or ""):lower():gsub(":%d+$", ""),
    listener = listener,
  }
  for _, rule in ipairs(listener.rules) do
    if conditions.met(rule.conditions, asked) then
      return run(cloud, asked, rule.actions)
    end
  end
end

return balancer
