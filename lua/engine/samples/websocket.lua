--- A message came.
local websocket = {
  summary = "A message of a WebSocket API of API Gateway",
  options = { body = '{"action":"say","text":"hello"}', key = "$default" },
}

function websocket.make(options)
  return {
    requestContext = {
      routeKey = options.key,
      messageId = "JKJaXmPLvHcCFKA=",
      eventType = "MESSAGE",
      extendedRequestId = "JKJaXmPLvHcESHA=",
      requestTime = "02/Jan/2026:03:04:05 +0000",
      messageDirection = "IN",
      stage = "production",
      connectedAt = 1767323040123,
      requestTimeEpoch = 1767323045678,
      identity = { sourceIp = "192.0.2.7", userAgent = "curl/8.5.0" },
      requestId = "JKJaXmPLvHcESHA=",
      domainName = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
      connectionId = "JKJaVcPLPHcCIHg=",
      apiId = "a1b2c3d4e5",
    },
    body = options.body,
    isBase64Encoded = false,
  }
end

return websocket
