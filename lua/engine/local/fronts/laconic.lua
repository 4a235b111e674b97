--- The cloud itself: /_laconic/health
local fault = require "engine.local.fault"
local json = require "host.json"
local scripts = require "host.scripts"

local laconic = {}

---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@param rest string
---@return table response
function laconic.answer(request, cloud, rest)
  if rest ~= "health" then
    fault.raise("NotFound", "There is no such path: " .. request.path, 404)
  end
  return {
    status = 200,
    headers = { { "Content-Type", "application/json" }, { "x-amzn-RequestId", request.id } },
    body = assert(json.encode {
      status = "ok", version = scripts.version(), account = cloud.account,
    }),
  }
end

return laconic
