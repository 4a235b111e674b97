--- The HTTP servers of others, which APIs lead to or have their keys from, asked without holding this
--- cloud's one thread up: a request is sent, and its task waits while the loop serves the others. The
--- server may well be this cloud.
---
---     local answer, obstacle, because = upstream.send {
---       method = "GET", url = "https://pets.example/3", headers = {}, seconds = 29,
---     }
---
--- Certificates are verified, redirects are not followed, and an answer has at most 10 MiB, as API
--- Gateway takes. Nothing that is told of a failure holds more of the request than the host.
local http_transfers = require "host.http_transfers"
local loop = require "engine.local.loop"

local upstream = {}

local MOST_BYTES <const> = 10 * 1024 * 1024 -- of a payload: AWS's quotas for REST and HTTP APIs
local MOST_HEADERS <const> = 256 -- that are sent
local SLACK_SECONDS <const> = 1 -- a transfer ends by its own time-out; this is for what never should be

-- What libcurl's failure means for the one who waits; all others: "unreachable".
local OBSTACLES <const> = {
  timeout = "late",
  tls = "misconfigured",
  resolve = "misconfigured",
}

local transfers -- opened by the first request
local waiting = {} -- id of a transfer → the event that its task waits for

---@class engine.local.http.Sent
---@field method string
---@field url string
---@field headers { [1]: string, [2]: string }[]
---@field body? string
---@field seconds number  for all of it
---@field most_bytes? integer  of the answer's body; default: what API Gateway takes

---@alias engine.local.http.Obstacle
---| "late"           # there was no whole answer in time
---| "unreachable"    # nobody answers, or not in HTTP
---| "misconfigured"  # it has no name that is known, no certificate that is believed, no URL; or the
---                   # request cannot be sent
---| "large"          # the answer is longer than API Gateway takes

local function settle_ended()
  for id, response, err in transfers.next, transfers do
    local event = waiting[id]
    waiting[id] = nil
    event:set { response = response, err = err }
  end
end

-- The loop looks for answers while some are waited for.
local function await(id, seconds)
  local event = loop.event()
  if next(waiting) == nil then
    loop.watch(transfers:fd(), settle_ended)
  end
  waiting[id] = event
  local _ <close> = setmetatable({}, {
    __close = function()
      transfers:drop(id)
      waiting[id] = nil
      if next(waiting) == nil then
        loop.unwatch(transfers:fd())
      end
    end,
  })
  local _, outcome = event:wait(seconds + SLACK_SECONDS)
  return outcome
end

local function obstacle_of(err)
  if err.kind == "limit" then
    return "large"
  elseif err.kind == "input" then
    return "misconfigured"
  end
  return OBSTACLES[err.code] or "unreachable"
end

--- Sends a request, and waits for the answer. Only for tasks.
---@param request engine.local.http.Sent
---@return host.http_transfers.Response? answer
---@return engine.local.http.Obstacle? obstacle
---@return string? because  for a log
function upstream.send(request)
  if #request.headers > MOST_HEADERS then
    return nil, "misconfigured", ("there are more than %d headers"):format(MOST_HEADERS)
  end
  transfers = transfers or assert(http_transfers.open())
  local id, err = transfers:start {
    method = request.method,
    url = request.url,
    headers = request.headers,
    body = request.body,
    timeout = request.seconds,
    connect_timeout = request.seconds,
    max_body = request.most_bytes or MOST_BYTES,
  }
  if not id then
    return nil, obstacle_of(err), tostring(err)
  end
  local outcome = await(id, request.seconds)
  if not outcome then
    return nil, "late", "there was no answer in time"
  elseif not outcome.response then
    return nil, obstacle_of(outcome.err), tostring(outcome.err)
  end
  return outcome.response
end

return upstream
