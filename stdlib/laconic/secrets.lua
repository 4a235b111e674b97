--- Secrets inside a handler: from SSM's Parameter Store and from Secrets Manager, fetched when they
--- are first asked for and kept for five minutes.
---
---     local secrets = require "laconic.secrets"
---     local password = service:secret { name = "password", parameter = "/shop/db/password" }
---
---     service:lambda {
---       name = "report",
---       secrets = { password }, -- the role may read it
---       handler = function()
---         return connect(secrets.get(password):reveal())
---       end,
---     }
---
--- What `get` returns shows itself to nobody: as a text it is "secret", in JSON `{}`, and joining it
--- with `..` raises. `reveal` is the one way to its text, and easily found in a review.
---
--- When the time is up and AWS cannot be reached, is throttled or in trouble, the old value is used
--- and the log says so; a secret that is gone, or denied now, is an error at once. After a password
--- was refused, `secrets.forget` makes the next `get` ask again.
---
---@module "laconic.secrets"
local check = require "engine.check"
local failure = require "engine.failure"
local json = require "host.json"
local remembered = require "engine.runtime.remembered"
local source_of = require("laconic.secret").source

local secrets = {}

---@class laconic.Secret
---@field reveal fun(self: laconic.Secret): string  its text

---@class laconic.GetSecretOptions
---@field json? string   the field that is meant, when the text is a JSON object
---@field ttl? number    seconds for which it is kept; default 300. 0 asks each time

local SECONDS = 300

local OPTIONS = {
  json = { type = "string", least = 1 },
  ttl = { type = "number", least = 0, unit = "seconds" },
}

-- Throttling, a network that fails and a service in trouble pass; a refusal does not.
local function will_pass(problem)
  return failure.is(problem)
    and (problem.retryable == true or problem.kind == "network" or (problem.status or 0) >= 500)
end

local kept = remembered.new { stands_in = will_pass }

-- ---- what hides -----------------------------------------------------------------------------------

local texts = setmetatable({}, { __mode = "k" }) -- secret → text: the table itself is empty

local methods = {} -- secret:…

function methods:reveal()
  return texts[self]
end

local hidden = { __name = "secret", __index = methods }

function hidden.__tostring()
  return "secret"
end

function hidden.__concat()
  check.fail("E103", "a secret cannot be joined", "say which text is meant: secret:reveal()")
end

local function hide(text)
  local made = setmetatable({}, hidden)
  texts[made] = text
  return made
end

-- ---- what fetches ---------------------------------------------------------------------------------

local function fetch_parameter(name)
  local ssm = require("laconic.aws").client "ssm"
  return ssm:call("GetParameter", { Name = name, WithDecryption = true }).Parameter.Value
end

local function fetch_secret(id)
  local answer = require("laconic.aws").client("secretsmanager"):call("GetSecretValue",
    { SecretId = id })
  return answer.SecretString or assert(require("host.digest").from_base64(answer.SecretBinary))
end

local function name_of(source)
  return source.parameter and "parameter " .. source.parameter or "secret " .. source.secret
end

local function fetch(source)
  return source.parameter and fetch_parameter(source.parameter) or fetch_secret(source.secret)
end

-- One field of a JSON object. Nothing of the text gets into a message.
local function field_of(text, field, name)
  local object = json.decode(text)
  local value
  if type(object) == "table" and not json.is_array(object) then
    value = object[field]
  end
  if value == nil or value == json.null then
    failure.raise("service", ("the %s is no JSON object with a field '%s'"):format(name, field))
  end
  return type(value) == "string" and value or assert(json.encode(value))
end

--- A secret, by its handle, by the name of its parameter, by its ARN, or by { secret = "shop/db" }.
---
---     secrets.get("/shop/key")
---     secrets.get({ secret = "shop/db" }, { json = "password", ttl = 60 })
---
--- Raises when AWS does not give it out. While a service is loaded or built on the host it always
--- raises: what is read then would end in the template.
---@param secret laconic.Handle|laconic.SecretSource|string
---@param options? laconic.GetSecretOptions
---@return laconic.Secret
function secrets.get(secret, options)
  local source = source_of("secrets.get", secret)
  options = options or {}
  check.fields("secrets.get: options", options, OPTIONS)
  if check.is_building() then
    check.fail("E113",
      "secrets.get: a secret is read by a function, and not while the service is built",
      "call it inside the handler")
  end
  local name, field = name_of(source), options.json or source.json
  local text = kept:get(name, options.ttl or SECONDS, function()
    return fetch(source)
  end)
  return hide(field and field_of(text, field, name) or text)
end

--- Forgets a secret that was kept, or all: the next `get` asks again.
---@param secret? laconic.Handle|laconic.SecretSource|string
function secrets.forget(secret)
  kept:forget(secret ~= nil and name_of(source_of("secrets.forget", secret)) or nil)
end

return secrets
