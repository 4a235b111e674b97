--- Credentials for a token that somebody else signed (EKS's service accounts, a CI's jobs): STS trades
--- it for a role's. The call is not signed: there is nothing yet to sign with.
local credentials = require "engine.aws.credentials"

local web_identity = {}

local FIRST_WAIT = 0.2 -- seconds

local function ask(session, place, params)
  local query = require "engine.aws.query"
  local wire = query.build(require("engine.aws.services").find "sts",
    "AssumeRoleWithWebIdentity", params)
  return credentials.ask(session, {
    method = wire.method,
    url = place.url .. wire.target,
    headers = wire.headers,
    body = wire.body,
    connect_timeout = 5,
    timeout = 10,
    max_body = 256 * 1024,
  }, FIRST_WAIT)
end

-- STS's code alone: its words may repeat the token's claims.
local function code_of(body)
  return body:match "<Code>(%w+)</Code>" or "no code"
end

--- Trades the token in a file for the credentials of a role.
---@param session engine.Session
---@param wish { token_file: string, role: string, session_name?: string, duration?: string }
---@return engine.Credentials
function web_identity.assume(session, wish)
  local services = require "engine.aws.services"
  local token = session.read_file(wish.token_file)
    or credentials.refuse(("there is no web identity token at %s"):format(wish.token_file))
  local service = services.find "sts"
  local place = session:endpoint(service)
  local response, err = ask(session, place, {
    RoleArn = wish.role,
    RoleSessionName = wish.session_name or ("laconic-%d"):format(session.clock.now() // 1),
    WebIdentityToken = token:gsub("%s+$", ""),
    DurationSeconds = wish.duration,
  })
  if not response then
    credentials.refuse("STS cannot be reached to trade a web identity for a role", nil, err)
  elseif response.status ~= 200 then
    credentials.refuse(("STS refused the web identity for %s (HTTP %d, %s)"):format(wish.role,
      response.status, code_of(response.body)))
  end
  local query = require "engine.aws.query"
  local answer = query.read(service, "AssumeRoleWithWebIdentity", response).Credentials or {}
  return {
    access_key_id = answer.AccessKeyId or credentials.refuse "STS answered without credentials",
    secret_access_key = answer.SecretAccessKey,
    session_token = answer.SessionToken,
    expires = require("host.clock").parse(answer.Expiration),
  }
end

--- The environment's web identity; nil when there is none.
---@param session engine.Session
---@return engine.Credentials?
function web_identity.find(session)
  local token_file = session:variable "AWS_WEB_IDENTITY_TOKEN_FILE"
  local role = session:variable "AWS_ROLE_ARN"
  if not token_file then
    return nil
  elseif not role then
    credentials.refuse("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not",
      "set both, or neither")
  end
  return web_identity.assume(session, {
    token_file = token_file,
    role = role,
    session_name = session:variable "AWS_ROLE_SESSION_NAME",
  })
end

return web_identity
