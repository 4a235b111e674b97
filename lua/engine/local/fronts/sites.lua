--- Buckets that are websites: http://<bucket>.s3-website.localhost:PORT/<key>, and for those who find
--- no such host /_sites/<bucket>/<key>
local website = require "engine.local.services.s3.website"

local sites = {}

---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@param rest string
---@return table? response
function sites.answer(request, cloud, rest)
  local bucket, path = rest:match "^([^/]*)(.*)$"
  local answer = website.answer(request, cloud, bucket, path)
  local location = answer.headers[1]
  if answer.status == 302 and request.path:find "^/_sites/" then
    location[2] = "/_sites/" .. bucket .. location[2] -- the site stands below our address
  end
  return answer
end

--- Whether this cloud has the site.
---@return boolean
function sites.has(cloud, bucket)
  return website.has(cloud, bucket)
end

--- Where its pages are: a host, and so an origin, of its own.
---@return string
function sites.address(cloud, bucket)
  return ("http://%s.s3-website.localhost:%s"):format(bucket, cloud.port)
end

return sites
