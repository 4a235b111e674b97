--- AWS::ApiGatewayV2::DomainName: a host of the author's own, as AWS::ApiGateway::DomainName is one. They
--- are the same to API Gateway, which answers for both under either name.
local domain_name = require "engine.local.resources.apigateway_domain_name"

return domain_name
