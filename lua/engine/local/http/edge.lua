--- What AWS's edge says where no API is: before any API is asked, and in no API's words.
local json = require "host.json"

local edge = {}

---@param request engine.local.Request
---@return table answer
function edge.forbidden(request)
  return {
    status = 403,
    headers = {
      { "Content-Type", "application/json" },
      { "x-amzn-RequestId", request.id },
      { "x-amzn-ErrorType", "ForbiddenException" },
    },
    body = assert(json.encode { message = "Forbidden" }),
  }
end

return edge
