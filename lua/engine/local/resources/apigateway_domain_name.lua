--- AWS::ApiGateway::DomainName: a host of the author's own, under which APIs answer at base paths.
local fault = require "engine.local.fault"
local properties = require "engine.local.services.apigateway.properties"
local resource_tags = require "engine.local.resource_tags"
local store = require "engine.local.services.apigateway.store"

local domain_name = {
  replacement = { DomainName = true },
  name_property = "DomainName",
  taggable = true,
}

-- The hosted zones of CloudFront's and of an imagined API Gateway's addresses.
local EDGE_ZONE <const>, REGIONAL_ZONE <const> = "Z2FDTNDATAQYW2", "Z1UJRXOUMOOFQ8"

local function attributes(job, domain)
  local token = store.id_of(domain.id)
  return {
    DomainNameArn = ("arn:aws:apigateway:%s::/domainnames/%s"):format(job.region, domain.id),
    DistributionDomainName = ("d%s.cloudfront.net"):format(token),
    DistributionHostedZoneId = EDGE_ZONE,
    RegionalDomainName = ("d-%s.execute-api.%s.amazonaws.com"):format(token, job.region),
    RegionalHostedZoneId = REGIONAL_ZONE,
  }
end

local function put(job)
  local name = job.properties.DomainName
  if type(name) ~= "string" or not name:find "^[%w*.-]+%.[%w-]+$" then
    fault.raise("BadRequestException", "Invalid domain name specified: " .. tostring(name))
  end
  local old = store.find(job.cloud, "domains", name:lower())
  local domain = properties.small(job.properties, { Tags = true })
  domain.id, domain.region, domain.tags = name:lower(), job.region, resource_tags.map(job)
  domain.mappings = old and old.mappings or {}
  store.keep(job.cloud, "domains", domain)
  return name, attributes(job, domain)
end

function domain_name.create(job)
  local name = job.properties.DomainName
  if not job.resumed and type(name) == "string"
    and store.find(job.cloud, "domains", name:lower()) then
    fault.raise("BadRequestException", "The domain name you provided already exists.")
  end
  return put(job)
end

domain_name.update = put

function domain_name.delete(job)
  store.remove(job.cloud, "domains", job.physical_id:lower())
end

return domain_name
