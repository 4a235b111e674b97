local laconic = require "laconic"

local service = laconic.service { name = "players", description = "The acceptance cases" }

service:api { name = "players", swagger = "swagger.json" }
service:api { name = "modern", swagger = "openapi.json", folder = "modern", stage = "v3" }

return service
