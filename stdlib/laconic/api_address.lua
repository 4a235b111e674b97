--- Where any API answers, and what it is called in policies: values that only the stack knows.
---@module "laconic.api_address"
local cfn = require "laconic.cfn"

local api_address = {}

--- The id that API Gateway gave the API.
---@param stem string
---@return laconic.Intrinsic
function api_address.id(stem)
  return cfn.ref(stem .. "Api")
end

--- "arn:aws:execute-api:REGION:ACCOUNT:ID", to which a stage, a method and a path are added.
---@param stem string
---@return laconic.Intrinsic
function api_address.execute_arn(stem)
  local text = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${%sApi}"
  return cfn.sub((text:gsub("%%s", stem)))
end

--- The URL of a stage, without a slash at its end: by API Gateway's own name, unless that leads nowhere.
---@param said table      of an API: stem, domain?, disable_default_endpoint?
---@param scheme string   "https", "wss"
---@param stage? string   nil: it stands in no path
---@return laconic.Intrinsic|string
function api_address.endpoint(said, scheme, stage)
  if said.disable_default_endpoint then
    return api_address.url(said, scheme, stage)
  end
  local text = scheme .. "://${" .. said.stem .. "Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
  return cfn.sub(stage and text .. "/" .. stage or text)
end

--- The URL of a stage as people know it: by the API's own domain, when it has one.
---@param said table
---@param scheme string
---@param stage? string
---@return laconic.Intrinsic|string
function api_address.url(said, scheme, stage)
  local domain = said.domain
  if not domain then
    return api_address.endpoint(said, scheme, stage)
  end
  local url = scheme .. "://" .. domain.name
  return domain.path and url .. "/" .. domain.path or url
end

return api_address
