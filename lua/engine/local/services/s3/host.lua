--- Which bucket the Host header names, when a request is "virtual-hosted".
local host = {}

--- The bucket of "bucket.localhost:4566", "bucket.s3.us-east-1.amazonaws.com" and their kin; nil when
--- the host is the endpoint itself, so that the path begins with the bucket.
---@param request engine.local.Request
---@return string?
function host.bucket(request)
  local name = (request:header "host" or ""):gsub(":%d+$", ""):lower()
  if name:match "^[%d.]+$" or name:match "^%[" or name:match "^s3[.-]" or name == "localhost" then
    return nil
  end
  return name:match "^(.+)%.s3[.-]" or name:match "^(.+)%.localhost$"
end

return host
