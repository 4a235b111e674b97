--- A document that another server has, fetched without holding this cloud's one thread up: a process of
--- our own program sends the request, and the task waits. The server may well be this cloud.
---
---     local body, problem = fetch.get("https://id.example/.well-known/openid-configuration", 5)
---
--- Certificates are verified, redirects are not followed, and the body is at most 64 KiB. Without TLS
--- only this machine itself is asked.
local clock = require "host.clock"
local file = require "host.file"
local loop = require "engine.local.loop"
local process = require "host.process"

local fetch = {}

local MOST_BYTES <const> = 64 * 1024
local MOST_URL <const> = 2048
local START_SECONDS <const> = 2 -- for the process itself

local LOOPBACK <const> = { ["127.0.0.1"] = true, ["localhost"] = true, ["[::1]"] = true }

-- What the process runs, and is given by its standard input: its first line is "done", and the body
-- follows, or it says what went wrong.
local CHILD <const> = [[return require("engine.local.http.fetch").send(...)]]

--- Whether a URL's server is this machine.
---@param url string
---@return boolean
function fetch.is_loopback(url)
  local host = (url:match "^%a+://([^/?#]*)" or ""):gsub(":%d*$", ""):lower()
  return LOOPBACK[host] or host:find "%.localhost$" ~= nil
end

--- Why a URL is not asked; nil when it may be.
---@param url any
---@return string?
function fetch.obstacle(url)
  if type(url) ~= "string" or #url > MOST_URL or url:find "[%c%s\127-\255]" then
    return "it is no URL"
  end
  local scheme, host = url:match "^(%a+)://([^/?#]+)"
  if scheme ~= "https" and scheme ~= "http" then
    return "it does not begin with https://"
  elseif host:find("@", 1, true) then
    return "it holds a user's name"
  elseif scheme == "http" and not fetch.is_loopback(url) then
    return "it does not begin with https://, and is not on this machine"
  end
end

--- What the process does: sends the request, and writes the outcome.
---@param url string
---@param seconds string
---@return integer status
function fetch.send(url, seconds)
  local response, err = require("host.http").request {
    url = url,
    headers = { { "Accept", "application/json" } },
    timeout = tonumber(seconds),
    connect_timeout = tonumber(seconds),
    max_body = MOST_BYTES,
    follow = 0,
  }
  if not response then
    io.write(tostring(err))
  elseif response.status ~= 200 then
    io.write("it answers with status ", response.status)
  else
    io.write("done\n", response.body)
  end
  return 0
end

local function read_all(child, seconds)
  local deadline = clock.monotonic() + seconds
  local parts, size = {}, 0
  repeat
    local left = deadline - clock.monotonic()
    if left <= 0 or not loop.wait_readable(child:fd(), left) then
      return nil
    end
    local bytes = child:read()
    size = size + #(bytes or "")
    table.insert(parts, bytes)
  until not bytes or size > 2 * MOST_BYTES
  return table.concat(parts)
end

--- Fetches a document. Only for tasks.
---@param url string
---@param seconds number  for all of it
---@return string? body
---@return string? problem
function fetch.get(url, seconds)
  local obstacle = fetch.obstacle(url)
  if obstacle then
    return nil, obstacle
  end
  local child <close>, err = process.spawn {
    file.program(), "run", "/dev/stdin", url, tostring(seconds), stdin = CHILD, error = "discard",
  }
  if not child then
    return nil, tostring(err)
  end
  local said = read_all(child, seconds + START_SECONDS)
  if not said then
    return nil, ("there is no answer within %g seconds"):format(seconds)
  end
  local body = said:match "^done\n(.*)$"
  if body then
    return body
  end
  return nil, said ~= "" and said or "the process that asks has ended"
end

return fetch
