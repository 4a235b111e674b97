--- A request to an HTTP API.
local api_gateway_v2 = {
  summary = "A request to an HTTP API of API Gateway, or to a function URL",
  options = { method = "POST", path = "/orders/1", body = '{"count":2}' },
}

function api_gateway_v2.make(options)
  local host = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
  return {
    version = "2.0",
    routeKey = "ANY /{proxy+}",
    rawPath = options.path,
    rawQueryString = "tag=gift&tag=new&page=2&q=a%2Cb+c",
    cookies = { "session=abc", "theme=dark" },
    headers = {
      accept = "application/json",
      ["content-type"] = "application/json",
      host = host,
      ["x-forwarded-for"] = "192.0.2.7",
      ["x-tag"] = "one,two",
    },
    queryStringParameters = { tag = "gift,new", page = "2", q = "a,b c" },
    requestContext = {
      accountId = "123456789012",
      apiId = "a1b2c3d4e5",
      authorizer = { jwt = { claims = { sub = "ada" }, scopes = { "orders" } } },
      domainName = host,
      domainPrefix = "a1b2c3d4e5",
      http = {
        method = options.method,
        path = options.path,
        protocol = "HTTP/1.1",
        sourceIp = "192.0.2.7",
        userAgent = "curl/8.5.0",
      },
      requestId = "JKJaXmPLvHcESHA=",
      routeKey = "ANY /{proxy+}",
      stage = "$default",
      time = "02/Jan/2026:03:04:05 +0000",
      timeEpoch = 1767323045678,
    },
    body = options.body,
    pathParameters = { proxy = options.path:gsub("^/", "") },
    isBase64Encoded = false,
    stageVariables = { colour = "blue" },
  }
end

return api_gateway_v2
