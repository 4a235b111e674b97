--- The keys of what a service has in S3: "<service>/<name>-<hash of the content>.zip". A description's
--- tells of the place, too: "shop/EchoApi-<hash>.<account>.<region>.json".
local object_key = {}

local OF_CONTENT <const> = "^%a[%w_]*%-%x+%.%a+$"
local OF_PLACE <const> = "^%a[%w_]*%-%x+%.%d+%.[%l%d-]+%.json$"

--- Whether a template refers to an object. It has the account and the region of a key as pseudo
--- parameters; the name before them, with its hash, is one object's alone.
---@param template_text string
---@param key string
---@return boolean
function object_key.is_in(template_text, key)
  local name = key:match "/(%a[%w_]*%-%x+%.)%d+%.[%l%d-]+%.json$"
  return template_text:find(name or key, 1, true) ~= nil
end

--- Whether what follows "<service>/" in a key is a name of ours.
---@param name string
---@return boolean
function object_key.is_ours(name)
  return name:find(OF_CONTENT) ~= nil or name:find(OF_PLACE) ~= nil
end

return object_key
