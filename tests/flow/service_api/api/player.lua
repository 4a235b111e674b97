local errors = require "laconic.errors"
local service = require "laconic.service_api"

local player = {}

player.get = service.api(function(_, params)
  if params.id == "gone" then
    errors.not_found("no player gone")
  elseif params.id == "banned" then
    errors.forbidden(nil, "Banned")
  end
  return { id = params.id, n = params.n, q = params.q }
end)

player.post = service.api(function(_, params)
  if params.b.name == "Zoë" then
    errors.client "name taken"
  end
  return params.b
end)

return player
