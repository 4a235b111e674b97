--- Response URLs: each opens once, for whoever holds it, and hands what is put there to who waits.
local digest = require "host.digest"
local loop = require "engine.local.loop"

local tickets = {}

local PATH <const> = "/_cloudformation/response/"
local MAX_ANSWER <const> = 4096 -- CloudFormation's own bound

--- In the place of an answer's text that is longer than CloudFormation reads.
tickets.TOO_LONG = setmetatable({}, { __name = "too long" })

local waiting = {} -- token → event

---@class engine.local.services.cloudformation.Ticket
---@field url string
---@field event engine.local.Event  set with the text of the answer, or TOO_LONG
---@field close fun(self)

local ticket_methods = {}
ticket_methods.__index = ticket_methods

--- Makes a URL that nobody can guess.
---@param cloud engine.local.Cloud
---@return engine.local.services.cloudformation.Ticket
function tickets.issue(cloud)
  local token = digest.to_hex(digest.random(24))
  local event = loop.event()
  waiting[token] = event
  return setmetatable({ url = cloud.url .. PATH .. token, token = token, event = event },
    ticket_methods)
end

--- Makes the URL worthless.
function ticket_methods:close()
  waiting[self.token] = nil
end

ticket_methods.__close = ticket_methods.close

local function plain(status, text)
  return { status = status, headers = { { "Content-Type", "text/plain" } }, body = text }
end

--- Answers a request to such a URL.
---@param request engine.local.Request
---@return table response
function tickets.redeem(request)
  local event = waiting[request.path:sub(#PATH + 1)]
  if not event or request.path:sub(1, #PATH) ~= PATH then
    return plain(403, "This response URL is not known, or has been used.\n")
  elseif request.method ~= "PUT" then
    return plain(405, "Answers are put.\n")
  end
  event:set(request:size() > MAX_ANSWER and tickets.TOO_LONG or request:text())
  return plain(200, "")
end

return tickets
