--- Credentials of the EC2 instance we run on, from its metadata service (version 2: with a session's
--- token; version 1, which any page in a browser could be led to, is not spoken).
---
--- AWS_EC2_METADATA_DISABLED silences it. AWS_EC2_METADATA_SERVICE_ENDPOINT and
--- AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE (IPv4, IPv6) say where it is, AWS_METADATA_SERVICE_TIMEOUT
--- (seconds, default 1) and AWS_METADATA_SERVICE_NUM_ATTEMPTS (default 1) how patient to be.
local credentials = require "engine.aws.credentials"

local instance = {}

local HOSTS = { ipv4 = "http://169.254.169.254", ipv6 = "http://[fd00:ec2::254]" }
local ROLES = "/latest/meta-data/iam/security-credentials/"
local LONGEST_TIMEOUT, MOST_ATTEMPTS = 10, 5

local function base_of(session)
  local named = session:variable "AWS_EC2_METADATA_SERVICE_ENDPOINT"
  local mode = (session:variable "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE" or "ipv4"):lower()
  local base = named or HOSTS[mode]
  if not base then
    credentials.refuse("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE must be IPv4 or IPv6")
  elseif not require("host.uri").parse(base) then
    credentials.refuse("AWS_EC2_METADATA_SERVICE_ENDPOINT is not a URL")
  end
  return (base:gsub("/+$", ""))
end

-- One answer of the service; nil when nobody answers: most machines are no instances.
local function ask(session, method, path, headers)
  local timeout = tonumber(session:variable "AWS_METADATA_SERVICE_TIMEOUT") or 1
  local attempts = math.tointeger(session:variable "AWS_METADATA_SERVICE_NUM_ATTEMPTS") or 1
  for _ = 1, math.max(1, math.min(attempts, MOST_ATTEMPTS)) do
    local response = require("host.http").request {
      method = method,
      url = base_of(session) .. path,
      headers = headers,
      connect_timeout = math.max(0.1, math.min(timeout, LONGEST_TIMEOUT)),
      timeout = math.max(0.1, math.min(timeout, LONGEST_TIMEOUT)),
      max_body = 64 * 1024,
    }
    if response and response.status < 500 then
      return response
    end
  end
end

local function token_of(session)
  local response = ask(session, "PUT", "/latest/api/token", {
    ["X-aws-ec2-metadata-token-ttl-seconds"] = "21600",
  })
  return response and response.status == 200 and response.body
end

--- The instance's; nil when this is no instance, or one without a role.
---@param session engine.Session
---@return engine.Credentials?
function instance.find(session)
  if (session:variable "AWS_EC2_METADATA_DISABLED" or ""):lower() == "true" then
    return nil
  end
  local token = token_of(session)
  if not token then
    return nil
  end
  local headers = { ["X-aws-ec2-metadata-token"] = token }
  local roles = ask(session, "GET", ROLES, headers)
  local role = roles and roles.status == 200 and roles.body:match "^%s*([%w+=,.@_-]+)"
  if not role then
    return nil
  end
  local response = ask(session, "GET", ROLES .. role, headers)
  if not response or response.status ~= 200 then
    credentials.refuse(("the instance gives no credentials of its role '%s'"):format(role))
  end
  return require("engine.aws.credentials.document").read(response.body,
    "the instance's metadata service")
end

return instance
