--- AWS's JSON protocols, 1.0 and 1.1: one JSON document goes, one comes.
---
--- An empty table is sent as `{}`: say `host.json`'s array({}) where AWS wants an empty list. A member
--- that comes as null is one that is not there.
local json = require "host.json"

local json_document = {}

-- Takes the nulls out of objects; in lists they keep their place.
local function without_nulls(value)
  if type(value) == "table" then
    local is_list = json.is_array(value)
    for key, item in pairs(value) do
      if item == json.null and not is_list then
        value[key] = nil
      else
        without_nulls(item)
      end
    end
  end
  return value
end

--- Reads a document of AWS's; "" is an empty one.
---@param text string
---@return any
function json_document.decode(text)
  if text == "" then
    return {}
  end
  local value = assert(json.decode(text))
  return text:find("null", 1, true) and without_nulls(value) or value
end

--- What goes on the wire for one action.
---@param service engine.AwsService
---@param action string
---@param params table<string, any>
---@return engine.Wire
function json_document.build(service, action, params)
  return {
    method = "POST",
    target = "/",
    headers = {
      ["Content-Type"] = "application/x-amz-" .. service.protocol,
      ["X-Amz-Target"] = service.target .. "." .. action,
    },
    body = assert(json.encode(params)),
  }
end

---@param response host.http.Response
---@return table answer
function json_document.read(_, _, response)
  return json_document.decode(response.body)
end

return json_document
