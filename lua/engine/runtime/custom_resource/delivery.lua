--- Puts an answer where CloudFormation waits for it, and tries again while there is time. The URL is
--- signed: whoever reads it may answer, so it never stands in a message.
local clock = require "host.clock"
local failure = require "engine.failure"

local delivery = {}

local FIRST_PAUSE <const> = 0.1 -- seconds
local LONGEST_PAUSE <const> = 3
local ATTEMPT_SECONDS <const> = 10
local LEAST_SECONDS <const> = 0.05 -- less is no attempt
local LAST_WORDS <const> = 0.1 -- seconds before the deadline, to say that it did not arrive

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
  local status, code = response.status, response.body:match "<Code>(%w+)</Code>"
  local outcome = ("status %d%s"):format(status, code and " " .. code:sub(1, 64) or "")
  local retryable = status >= 500 or status == 408 or status == 429 or code == "RequestTimeout"
  return status >= 200 and status < 300, outcome, retryable
end

--- Raises when it did not arrive until the deadline.
---@param url string
---@param text string
---@param deadline number  seconds since 1970
---@return integer attempts
function delivery.put(url, text, deadline)
  deadline = deadline - LAST_WORDS
  local pause = FIRST_PAUSE
  for count = 1, math.huge do
    local seconds = math.max(LEAST_SECONDS, math.min(ATTEMPT_SECONDS, deadline - clock.now()))
    local arrived, outcome, retryable = attempt(url, text, seconds)
    local rest = pause * (0.5 + math.random() / 2) -- not all at once
    if arrived then
      return count
    elseif not retryable or clock.now() + rest + LEAST_SECONDS > deadline then
      local message = "CloudFormation could not be told the answer (%s, attempt %d)"
      failure.raise("custom_resource", message:format(outcome, count), {
        type = "CustomResource.Undelivered",
      })
    end
    assert(clock.sleep(rest))
    pause = math.min(pause * 2, LONGEST_PAUSE)
  end
end

return delivery
