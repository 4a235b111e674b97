--- A request to a REST API.
local json = require "host.json"

local api_gateway_v1 = {
  summary = "A request to a REST API of API Gateway",
  options = { method = "POST", path = "/orders/1", body = '{"count":2}' },
}

function api_gateway_v1.make(options)
  local host = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
  return {
    resource = "/{proxy+}",
    path = options.path,
    httpMethod = options.method,
    headers = {
      Accept = "application/json",
      ["Content-Type"] = "application/json",
      Cookie = "session=abc; theme=dark",
      Host = host,
      ["X-Forwarded-For"] = "192.0.2.7, 198.51.100.1",
      ["X-Tag"] = "two",
    },
    multiValueHeaders = {
      Accept = { "application/json" },
      ["Content-Type"] = { "application/json" },
      Cookie = { "session=abc; theme=dark" },
      Host = { host },
      ["X-Forwarded-For"] = { "192.0.2.7, 198.51.100.1" },
      ["X-Tag"] = { "one", "two" },
    },
    queryStringParameters = { tag = "new", page = "2" },
    multiValueQueryStringParameters = { tag = { "gift", "new" }, page = { "2" } },
    pathParameters = { proxy = options.path:gsub("^/", "") },
    stageVariables = json.null,
    requestContext = {
      accountId = "123456789012",
      apiId = "a1b2c3d4e5",
      authorizer = { principalId = "ada", tenant = "7" },
      domainName = host,
      domainPrefix = "a1b2c3d4e5",
      extendedRequestId = "JKJaXmPLvHcESHA=",
      httpMethod = options.method,
      identity = {
        accessKey = json.null,
        accountId = json.null,
        caller = json.null,
        cognitoAuthenticationProvider = json.null,
        cognitoAuthenticationType = json.null,
        cognitoIdentityId = json.null,
        cognitoIdentityPoolId = json.null,
        principalOrgId = json.null,
        sourceIp = "192.0.2.7",
        user = json.null,
        userAgent = "curl/8.5.0",
        userArn = json.null,
      },
      path = "/production" .. options.path,
      protocol = "HTTP/1.1",
      requestId = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
      requestTime = "02/Jan/2026:03:04:05 +0000",
      requestTimeEpoch = 1767323045678,
      resourceId = "123456",
      resourcePath = "/{proxy+}",
      stage = "production",
    },
    body = options.body,
    isBase64Encoded = false,
  }
end

return api_gateway_v1
