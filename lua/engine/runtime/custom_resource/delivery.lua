--- Puts an answer where CloudFormation waits for it, and tries again while there is time. The URL is
--- signed: whoever reads it may answer, so it never stands in a message.
local clock = require "host.clock"
local failure = require "engine.failure"

local delivery = {}

local FIRST_PAUSE <const> = 0.1 -- seconds
local LONGEST_PAUSE <const> = 3
local ATTEMPT_SECONDS <const> = 10
local LEAST_SECONDS <const> = 0.05 -- less is no attempt

-- S3 signs for no type; another one, even a default of the client's, would not match.
local HEADERS <const> = { { "Content-Type", "" } }

-- One attempt: whether it arrived, else what happened, and whether another may do better.
local function attempt(url, text, seconds)
  local response, err = require("host.http").request {
    method = "PUT",
    url = url,
    headers = HEADERS,
    body = text,
    connect_timeout = seconds,
    timeout = seconds,
    max_body = 65536,
  }
  if not response then
    if err.kind == "interrupt" then
      error(err, 0)
    end
    return false, err.code or err.kind, err.kind == "network"
  end
  local status = response.status
  local code = response.body:match "<Code>(%w+)</Code>"
  local retryable = status >= 500 or status == 408 or status == 429 or code == "RequestTimeout"
  return status >= 200 and status < 300, ("status %d %s"):format(status, code or ""), retryable
end

--- Raises when it did not arrive until the deadline.
---@param url string
---@param text string
---@param deadline number  seconds since 1970
---@return integer attempts
function delivery.put(url, text, deadline)
  local attempts, pause = 0, FIRST_PAUSE
  local arrived, outcome, retryable
  repeat
    attempts = attempts + 1
    local seconds = math.max(LEAST_SECONDS, math.min(ATTEMPT_SECONDS, deadline - clock.now()))
    arrived, outcome, retryable = attempt(url, text, seconds)
    if arrived then
      return attempts
    end
    local rest = pause * (0.5 + math.random() / 2) -- not all at once
    local in_time = clock.now() + rest + LEAST_SECONDS < deadline
    if retryable and in_time then
      assert(clock.sleep(rest))
    end
    pause = math.min(pause * 2, LONGEST_PAUSE)
  until not (retryable and in_time)
  failure.raise("custom_resource",
    ("CloudFormation could not be told the answer (%s, attempt %d)"):format(
      outcome:match "^(.-)%s*$", attempts),
    { type = "CustomResource.Undelivered" })
end

return delivery
