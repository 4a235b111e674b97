--- The document that credential programs, containers and instances share.
local credentials = require "engine.aws.credentials"

local document = {}

--- Reads it; raises, without a word of what it holds, when it gives no credentials.
---@param text string
---@param source string  who wrote it: "the container's endpoint"
---@return engine.Credentials
function document.read(text, source)
  local json, clock = require "host.json", require "host.clock"
  local said = json.decode(text)
  if type(said) ~= "table" or type(said.AccessKeyId) ~= "string"
    or type(said.SecretAccessKey) ~= "string" then
    credentials.refuse(source .. " did not answer with credentials")
  end
  local token = said.SessionToken or said.Token
  local expires
  if type(said.Expiration) == "string" then
    expires = clock.parse(said.Expiration)
      or credentials.refuse(source .. " answered with an expiration that is no time")
  end
  return {
    access_key_id = said.AccessKeyId,
    secret_access_key = said.SecretAccessKey,
    session_token = type(token) == "string" and token or nil,
    expires = expires,
  }
end

return document
