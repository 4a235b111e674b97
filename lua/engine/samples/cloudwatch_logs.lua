--- Lines of a log group.
local digest = require "host.digest"
local json = require "host.json"

local cloudwatch_logs = {
  summary = "Log lines of a CloudWatch Logs subscription",
  options = {
    body = { "[ERROR] no such order", "[ERROR] no tea is left" },
    name = "/aws/lambda/orders",
  },
}

-- As it is, in one stored block (RFC 1951, 3.2.4); nothing here has to be small.
local function gzip(text)
  return "\x1f\x8b\8\0\0\0\0\0\0\xff" .. string.pack("<BI2I2", 1, #text, ~#text & 0xffff) .. text
    .. string.pack("<I4I4", digest.crc32(text), #text)
end

function cloudwatch_logs.make(options)
  local lines = {}
  for i, body in ipairs(options.body) do
    lines[i] = {
      id = "3195310660696698337880902507980421114328961542429780" .. 1000 + i,
      timestamp = 1767323045678 + i,
      message = body,
    }
  end
  local data = assert(json.encode {
    messageType = "DATA_MESSAGE",
    owner = "123456789012",
    logGroup = options.name,
    logStream = "2026/01/02/[$LATEST]5dbb3b7e9b1e4a7a8d3f0a1c2b3d4e5f",
    subscriptionFilters = { "errors" },
    logEvents = lines,
  })
  return { awslogs = { data = digest.to_base64(gzip(data)) } }
end

return cloudwatch_logs
