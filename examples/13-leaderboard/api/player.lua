-- GET, POST and DELETE /player/{name}
local board = require "board"
local errors = require "laconic.errors"
local service = require "laconic.service_api"

local player = {}

player.get = service.api(function(_, params)
  return board.find(params.name) or errors.not_found("no player " .. params.name)
end)

player.post = service.api(function(_, params)
  local score = params.report.score
  if math.type(score) ~= "integer" or score < 0 then
    errors.client("score: a whole number, 0 or more, expected")
  end
  return board.keep(params.name, score)
end)

player.delete = service.api(function(_, params)
  return board.forget(params.name)
end)

return player
