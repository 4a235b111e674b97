--- A client of APIs in a cloud of the same process: curl, waited for as a task waits, so that the cloud
--- can answer meanwhile.
local json = require "host.json"
local loop = require "engine.local.loop"
local process = require "host.process"

local api_client = {}

local PATIENCE_SECONDS <const> = "60"

---@class tests.api_client.Answer
---@field status integer
---@field headers table<string, string>  names in lower case; several of one name joined by ", "
---@field body string
---@field json any  the body, decoded when it is JSON

local function read_head(head)
  local headers = {}
  for name, value in head:gmatch "\r\n([^:\r\n]+): *([^\r\n]*)" do
    name = name:lower()
    headers[name] = headers[name] and headers[name] .. ", " .. value or value
  end
  return headers
end

local function read_answer(output)
  local head, body = output:match "^(HTTP/1.1 .-\r\n)\r\n(.*)$"
  while head and head:find "^HTTP/1.1 100" do
    head, body = body:match "^(HTTP/1.1 .-\r\n)\r\n(.*)$"
  end
  assert(head, "curl gave no answer: " .. output)
  return {
    status = tonumber(head:match "^HTTP/1.1 (%d+)"),
    headers = read_head(head),
    body = body,
    json = json.decode(body),
  }
end

--- Sends a request and waits for the answer. Only for tasks.
---@param url string  path and query are sent as they stand
---@param options? { method?: string, headers?: { [1]: string, [2]: string }[], body?: string }
---@return tests.api_client.Answer
function api_client.send(url, options)
  options = options or {}
  local argv = {
    "curl", "-s", "-S", "-i", "--globoff", "--path-as-is", "--noproxy", "*", "--max-time",
    PATIENCE_SECONDS,
  }
  local function add(...)
    for _, argument in ipairs { ... } do
      table.insert(argv, argument)
    end
  end
  if options.method == "HEAD" then
    add "--head"
  else
    add("-X", options.method or "GET")
  end
  for _, pair in ipairs(options.headers or {}) do
    add("-H", pair[2] == "" and pair[1] .. ";" or pair[1] .. ": " .. pair[2])
  end
  if options.body then
    add("--data-binary", "@-")
    argv.stdin = options.body
  end
  add(url)
  local child <close> = assert(process.spawn(argv))
  local parts = {}
  while true do
    loop.wait_readable(child:fd(), 70)
    local bytes = child:read()
    if not bytes then
      break
    end
    table.insert(parts, bytes)
  end
  return read_answer(table.concat(parts))
end

return api_client
