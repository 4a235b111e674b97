local laconic = require "laconic"

local service = laconic.service { name = "players", description = "The acceptance cases" }

service:api { name = "players", swagger = "swagger.json", settings = { Function = "unmarked" } }

return service
