--- Credentials of the container we run in: ECS's, EKS's, or Lambda's after SnapStart.
local credentials = require "engine.aws.credentials"

local container = {}

local HOST = "http://169.254.170.2" -- where a relative URI leads
local FIRST_WAIT = 0.1 -- seconds

local function url_of(session)
  local relative = session:variable "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
  if relative then
    return HOST .. relative
  end
  return session:variable "AWS_CONTAINER_CREDENTIALS_FULL_URI"
end

-- The token goes over plain HTTP to this machine and the container hosts alone.
local function is_trusted(url)
  local parts = require("host.uri").parse(url)
  if not parts then
    return false
  end
  local host = parts.host
  return parts.scheme == "https"
    or host == "localhost"
    or host == "::1"
    or host:find "^127%.%d+%.%d+%.%d+$" ~= nil
    or host == "169.254.170.2"
    or host == "169.254.170.23"
    or host == "fd00:ec2::23"
end

local function token_of(session)
  local path = session:variable "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
  if path then
    local text = session.read_file(path) or credentials.refuse(
      ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: there is no file %s"):format(path))
    return (text:gsub("[\r\n]+$", ""))
  end
  return session:variable "AWS_CONTAINER_AUTHORIZATION_TOKEN"
end

--- The container's; nil when there is no container.
---@param session engine.Session
---@return engine.Credentials?
function container.find(session)
  local url = url_of(session)
  if not url then
    return nil
  elseif not is_trusted(url) then
    credentials.refuse(
      "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or lead to this machine")
  end
  local response, err = credentials.ask(session, {
    url = url,
    headers = { Authorization = token_of(session) },
    connect_timeout = 2,
    timeout = 5,
    max_body = 64 * 1024,
  }, FIRST_WAIT)
  if not response then
    credentials.refuse("the container's credentials cannot be reached", nil, err)
  elseif response.status ~= 200 then
    credentials.refuse(("the container's credentials were refused (HTTP %d)"):format(
      response.status))
  end
  return require("engine.aws.credentials.document").read(response.body,
    "the container's endpoint")
end

return container
