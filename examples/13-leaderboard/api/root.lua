-- GET /
local board = require "board"
local errors = require "laconic.errors"
local service = require "laconic.service_api"

local root = {}

root.get = service.api(function(_, params)
  if params.count < 1 or params.count > 100 then
    errors.client("count: from 1 to 100 expected", "OutOfRange")
  end
  return service.array(board.top(params.count))
end)

return root
