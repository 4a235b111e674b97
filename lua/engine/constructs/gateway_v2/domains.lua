--- A domain of an author's own, in front of an HTTP API or a WebSocket API.
local dns_record = require "engine.constructs.parts.dns_record"
local value = require "engine.constructs.parts.value"

local domains = {}

local function new_domain(words, domain)
  local tls = words.mutual_tls
  return {
    Type = "AWS::ApiGatewayV2::DomainName",
    Properties = {
      DomainName = domain.name,
      DomainNameConfigurations = {
        {
          CertificateArn = domain.certificate,
          EndpointType = "REGIONAL",
          IpAddressType = domain.ip_address_type,
          OwnershipVerificationCertificateArn = domain.ownership_certificate,
          SecurityPolicy = domain.security_policy or "TLS_1_2",
        },
      },
      MutualTlsAuthentication = tls
        and { TruststoreUri = tls.truststore, TruststoreVersion = tls.version },
      Tags = domain.tags,
    },
  }
end

--- A domain of the API's own: the domain, unless it is there already, its record in DNS, and what leads
--- from it to a stage.
---@param made engine.gateway_v2.Made
---@param words engine.ConstructWords
---@param stage_id string
---@return table? output  where the domain's record has to lead, when the author makes it
function domains.add(made, words, stage_id)
  local domain, id = words.domain, words.stem .. "ApiDomain"
  if not domain then
    return nil
  end
  if domain.certificate then
    made:add(id, new_domain(words, domain))
    if domain.hosted_zone then
      made:add(id .. "Record", dns_record.new(domain, id, "A"))
      if domain.ip_address_type == "dualstack" then
        made:add(id .. "Record6", dns_record.new(domain, id, "AAAA"))
      end
    end
  end
  made:add(words.stem .. "ApiMapping", {
    Type = "AWS::ApiGatewayV2::ApiMapping",
    Properties = {
      ApiId = value.ref(words.stem .. "Api"),
      ApiMappingKey = domain.path,
      DomainName = domain.certificate and value.ref(id) or domain.name,
      Stage = value.ref(stage_id),
    },
  })
  return domain.certificate and not domain.hosted_zone and {
    name = words.stem .. "DomainTarget",
    value = value.att(id, "RegionalDomainName"),
    description = "Where the domain's record has to lead",
  } or nil
end

return domains
