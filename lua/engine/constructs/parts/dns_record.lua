--- A record of Route 53 by which an author's domain leads to an API.
local value = require "engine.constructs.parts.value"

local dns_record = {}

--- The resource.
---@param domain { name: any, hosted_zone: any }  laconic.ApiDomain
---@param target_id string  the id of API Gateway's domain
---@param kind "A"|"AAAA"
---@param prefix? "Regional"|"Distribution"  of the attributes that say where it leads
---@return table
function dns_record.new(domain, target_id, kind, prefix)
  prefix = prefix or "Regional"
  return {
    Type = "AWS::Route53::RecordSet",
    Properties = {
      AliasTarget = {
        DNSName = value.att(target_id, prefix .. "DomainName"),
        HostedZoneId = value.att(target_id, prefix .. "HostedZoneId"),
      },
      HostedZoneId = domain.hosted_zone,
      Name = domain.name,
      Type = kind,
    },
  }
end

return dns_record
