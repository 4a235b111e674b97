-- Every way to fail.
local errors = require "laconic.errors"
local service = require "laconic.service_api"

local ways = {}

function ways.fault()
  return ways.no_way.field
end

function ways.silence()
  error()
end

function ways.nothing()
  error("", 0)
end

function ways.lines()
  error "first\nsecond"
end

function ways.told_lines()
  errors.client "a\nb"
end

function ways.sneaky()
  error("Client Error: sneaky", 0)
end

function ways.object()
  error { errorMessage = "Not Found: sneaky", errorType = "NotFoundError" }
end

function ways.result()
  return { errorMessage = "", errorType = "not one" }
end

function ways.null()
  return nil
end

function ways.nan()
  return 0 / 0
end

return {
  get = service.api(function(_, params)
    return ways[params.how]()
  end),
}
