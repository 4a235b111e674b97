-- laconic run forget.lua URL PLAYER: forgets a player, by the client that `laconic client` makes.
local api = require("scores_client").new { url = arg[1] }

print(api:forget { name = arg[2] })
print(api:forget { name = arg[2] })

local ok, err = pcall(api.score_of, api, { name = arg[2] })
print(ok, err.status, err.type, err.message)
