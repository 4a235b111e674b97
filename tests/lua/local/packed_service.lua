--- Archives of functions as they are deployed: a service file, and the runtime that the build made,
--- which is never sanitized, so that functions run under the bounds that they have in use.
local archive = require "host.archive"
local built = dofile "tests/lua/built.lua"
local digest = require "host.digest"
local file = require "host.file"

local packed_service = {}

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "s" }
%s
service:lambda { name = "index", handler = function(event, context) %s end }
return service
]]

--- The text of a service whose one function is called "index".
---@param body string      of the handler; it has `event` and `context`
---@param before? string   what stands above it in the file
---@return string
function packed_service.text(body, before)
  local values = { before or "", body }
  local place = 0
  return (SERVICE:gsub("%%s", function()
    place = place + 1
    return values[place]
  end))
end

--- Writes the archive of a service file.
---@param path string
---@param text string  of service.lua
---@return string path
function packed_service.write(path, text)
  assert(archive.write(path, {
    { name = "bootstrap", packed = built.runtime "packed", executable = true },
    { name = "service.lua", data = text },
  }))
  return path
end

--- The same as Lambda's ZipFile takes it.
---@param folder string  where the archive may be written
---@return string base64
function packed_service.zip(folder, text)
  local path = ("%s/%s.zip"):format(folder, digest.to_hex(digest.random(6)))
  local bytes = assert(file.read(packed_service.write(path, text)))
  return digest.to_base64(bytes)
end

--- A way for handlers to send a JSON text to a custom resource's response URL, whatever HTTP client the
--- runtime was built with. To stand above a handler.
packed_service.PUT = [[
local function put(url, text)
  local host, port, path = url:match "^http://([^:]+):(%d+)(/.*)$"
  local pipe <close> = io.popen(("exec bash -c 'exec 3<>/dev/tcp/%s/%s; cat >&3; cat <&3'"):format(
    host, port), "w")
  pipe:write(("PUT %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s")
    :format(path, host, #text, text))
end
]]

return packed_service
