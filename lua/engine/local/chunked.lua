--- S3's aws-chunked bodies.
local fault = require "engine.local.fault"

local chunked = {}

--- Decodes the body in the request's place.
function chunked.decode(_, payload)
  fault.not_answered("the payload form " .. payload)
end

return chunked
