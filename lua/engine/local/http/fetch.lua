--- A document that another server has, fetched without holding this cloud's one thread up. The server may
--- well be this cloud.
---
---     local body, problem = fetch.get("https://id.example/.well-known/openid-configuration", 5)
---
--- Certificates are verified, redirects are not followed, and the body is at most 64 KiB. Without TLS
--- only this machine itself is asked.
local upstream = require "engine.local.http.upstream"

local fetch = {}

local MOST_BYTES <const> = 64 * 1024
local MOST_URL <const> = 2048

local LOOPBACK <const> = { ["127.0.0.1"] = true, ["localhost"] = true, ["[::1]"] = true }

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
  local answer, hindrance, because = upstream.send {
    method = "GET",
    url = url,
    headers = { { "Accept", "application/json" } },
    seconds = seconds,
    most_bytes = MOST_BYTES,
  }
  if not answer then
    return nil, hindrance == "late" and ("there is no answer within %g seconds"):format(seconds)
      or because
  elseif answer.status ~= 200 then
    return nil, "it answers with status " .. answer.status
  end
  return answer.body
end

return fetch
