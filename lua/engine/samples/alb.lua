--- A request behind a load balancer.
local alb = {
  summary = "A request from an Application Load Balancer",
  options = { method = "GET", path = "/orders/1", body = "" },
}

function alb.make(options)
  return {
    requestContext = {
      elb = {
        targetGroupArn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
          .. "targetgroup/orders/6d0ecf831eec9f09",
      },
    },
    httpMethod = options.method,
    path = options.path,
    queryStringParameters = { q = "caf%C3%A9+cr%C3%A8me", tag = "new" },
    headers = {
      accept = "text/html",
      cookie = "session=abc; theme=dark",
      host = "orders-1234567890.us-east-1.elb.amazonaws.com",
      ["x-amzn-trace-id"] = "Root=1-5c536348-3d683b8b04734faae651f476",
      ["x-forwarded-for"] = "10.9.8.7, 192.0.2.7",
      ["x-forwarded-port"] = "443",
      ["x-forwarded-proto"] = "https",
    },
    body = options.body,
    isBase64Encoded = false,
  }
end

return alb
