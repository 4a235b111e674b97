--- Which AWS host is which address of this cloud: `<id>.execute-api.<region>.amazonaws.com` is
--- `http://127.0.0.1:PORT/_apis/<id>`, and so on, by one table that is read both ways. A website has a
--- host of its own here too, `<bucket>.s3-website.localhost`: its pages name files by "/app.css", and
--- browsers keep its origin apart from the APIs'. Browsers and curl find such hosts on this machine.
---
--- What this cloud keeps has AWS's form. It is turned into what can be reached where it leaves the
--- cloud: stack outputs that are shown, functions' environments, requests to custom resources.
local folder = require "engine.folder"
local texts = require "engine.texts"

local addresses = {}

local FRONTS <const> = "engine.local.fronts"

-- The front, and the pattern of the host whose capture is the thing's id.
local HOSTS <const> = {
  { "apis", "^([%w-]+)%.execute%-api%.[%w-]+%.amazonaws%.com$" },
  { "urls", "^([%w-]+)%.lambda%-url%.[%w-]+%.on%.aws$" },
  { "sites", "^([%w.-]+)%.s3%-website[.-][%w-]+%.amazonaws%.com$" },
  { "sites", "^([%w.-]+)%.s3%-website%.localhost$" },
  { "balancers", "^([%w-]+)%.[%w-]+%.elb%.amazonaws%.com$" },
}

local DOMAINS <const> = "domains" -- the front of all other hosts: custom domains of APIs

local SCHEMES <const> = { http = "http", https = "http", ws = "ws", wss = "ws" }

local function read_host(host)
  for _, row in ipairs(HOSTS) do
    local id = host:match(row[2])
    if id then
      return row[1], id
    end
  end
  return nil
end

--- Where a request with that Host header goes: the name of the front and its part of the path; nil
--- for a host that is none of these.
---@param cloud engine.local.Cloud
---@param host string  "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com", with or without a port
---@param path string  "/dev/hello"
---@return string? front
---@return string? rest  "a1b2c3d4e5/dev/hello"
function addresses.incoming(cloud, host, path)
  local name = host:match("^[^:]*"):lower()
  if name:find "%.aws$" or name:find "%.amazonaws%.com$"
    or name:find "%.s3%-website%.localhost$" then
    local front, id = read_host(name)
    return front, front and id .. path
  elseif folder.find(FRONTS, DOMAINS).has(cloud, name) then
    return DOMAINS, name .. path
  end
  return nil
end

local function reachable_text(cloud, text)
  if not text:find("://", 1, true) then
    return text
  end
  return (text:gsub("(%a+)://([%w.-]+%.%l+)", function(scheme, host)
    local name, id = read_host(host:lower())
    if not name then
      name, id = DOMAINS, host
    end
    local front = SCHEMES[scheme] and folder.find(FRONTS, name)
    if not front or not front.has or not front.has(cloud, id) then
      return nil
    end
    return front.address and front.address(cloud, id)
      or ("%s://%s/_%s/%s"):format(SCHEMES[scheme], cloud.url:match "^http://(.*)$", name, id)
  end))
end

--- A value in whose texts the URLs of things that this cloud has are turned into those by which they
--- are reached; every other URL stays. A table is copied, and its keys are left alone.
---@generic T
---@param cloud engine.local.Cloud
---@param value T
---@return T
function addresses.reachable(cloud, value)
  return texts.replaced(value, function(text)
    return reachable_text(cloud, text)
  end)
end

return addresses
