--- A loopback proxy between the program and the local cloud, that delays, cuts, corrupts and refuses.
---
--- A rule is called for each request, with its number and the request; it returns nil to let it pass,
--- or a fault:
---   { answer = { status, headers, body } }   the cloud is not asked; this is the answer
---   { cut = "request" }     the connection is dropped, and the cloud is not asked
---   { cut = "answer" }      the cloud does it, and the connection is dropped before it is told
---   { cut = "body" }        half of the cloud's answer, then the connection is dropped
---   { body = "..." }        the cloud does it; its answer says this instead
---   { kill = "before" }     the program is killed, and the cloud is not asked
---   { kill = "after" }      the cloud does it, and the program is killed before it is told
local http = require "host.http"
local poll = require "host.poll"
local process = require "host.process"
local server = require "host.server"

local proxy = {}

-- What belongs to one connection, not to the message.
local HOP = { ["content-length"] = true, connection = true, expect = true,
  ["transfer-encoding"] = true }

local function ask(endpoint, request)
  local headers = {}
  for _, header in ipairs(request.headers) do
    if not HOP[header[1]:lower()] then
      table.insert(headers, header)
    end
  end
  local answer = assert(http.request {
    method = request.method,
    url = endpoint .. request.target,
    headers = headers,
    body = request.body ~= "" and request.body or nil,
    proxy = "",
  })
  local kept = {}
  for name, value in pairs(answer.headers) do
    if not HOP[name] then
      kept[name] = value
    end
  end
  return { status = answer.status, headers = kept, body = answer.body }
end

-- Drops what is open, and listens at the same port again.
local function drop(at)
  local port = at.server:port()
  at.server:close()
  at.server = assert(server.listen { port = port })
end

local function serve(at, request, fault)
  if fault.cut == "request" then
    return drop(at)
  elseif fault.kill == "before" then
    return at.child:kill(9)
  end
  local answer = fault.answer or ask(at.endpoint, request)
  answer.body = fault.body or answer.body
  answer.head = request.method == "HEAD"
  if fault.kill then
    return at.child:kill(9)
  elseif fault.cut == "answer" or fault.cut == "body" and #answer.body == 0 then
    return drop(at)
  elseif fault.cut == "body" then
    local half = answer.body:sub(1, #answer.body // 2)
    answer.body = nil
    at.server:start(request.id, answer)
    at.server:write(request.id, half)
    return drop(at)
  end
  at.server:respond(request.id, answer)
end

--- Runs a program whose requests go through the proxy, to its end.
---@param endpoint string  the cloud's
---@param rule fun(number: integer, request: table): table?
---@param options table    for host.process; `env` is given the proxy's address
---@return integer requests  how many came
---@return table result      of the process: status, signal, output
function proxy.run(endpoint, rule, options)
  local at = { server = assert(server.listen()), endpoint = endpoint }
  options.env.AWS_ENDPOINT_URL = "http://127.0.0.1:" .. at.server:port()
  options.error = "output"
  local child <close> = assert(process.spawn(options))
  at.child = child
  local count, said = 0, ""
  while not child:poll() do
    assert(poll.wait({ at.server:fd(), child:fd() }, 1))
    said = said .. (child:read() or "")
    local request = at.server:next()
    while request do
      count = count + 1
      local fault = rule(count, request) or {}
      serve(at, request, fault)
      request = not fault.kill and at.server:next()
    end
  end
  local result = child:wait(10)
  for bytes in function() return child:read() end do
    said = said .. bytes
  end
  at.server:close()
  return count, { status = result.status, signal = result.signal, output = said }
end

return proxy
