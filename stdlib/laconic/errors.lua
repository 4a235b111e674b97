--- Errors that the clients of a service API are told of. Any other error is their "Service Error", with
--- status 500, and its text stays in the function's log.
---
---     local errors = require "laconic.errors"
---     errors.not_found("no player " .. id)            -- 404, NotFoundError
---     errors.client("the name is taken", "NameTaken") -- 400, and a type that clients can tell
---     errors.forbidden()                              -- 403, ForbiddenError
---
---@module "laconic.errors"
local check = require "engine.check"
local raised = require "engine.runtime.service_api.errors"

local errors = {}

local CLIENT <const>, FORBIDDEN <const>, NOT_FOUND <const> = table.unpack(raised.PREFIXES)

local function raise(word, prefix, default_type, message, type)
  check.type("errors." .. word .. ": message", message, "string")
  check.type("errors." .. word .. ": type", type, { "string", "nil" })
  raised.raise(type or default_type, prefix, message)
end

--- Fails with status 400: "Client Error: <message>".
---@param message string
---@param type? string  what clients find as errorType; default "ClientError"
function errors.client(message, type)
  raise("client", CLIENT, "ClientError", message, type)
end

--- Fails with status 403: "Forbidden: <message>".
---@param message? string  default "Access to the requested resource is not allowed."
---@param type? string     default "ForbiddenError"
function errors.forbidden(message, type)
  message = message or "Access to the requested resource is not allowed."
  raise("forbidden", FORBIDDEN, "ForbiddenError", message, type)
end

--- Fails with status 404: "Not Found: <message>".
---@param message? string  default "The requested resource was not found."
---@param type? string     default "NotFoundError"
function errors.not_found(message, type)
  message = message or "The requested resource was not found."
  raise("not_found", NOT_FOUND, "NotFoundError", message, type)
end

return errors
