--- What a WebSocket API's own actions look like on the wire. The endpoint is the stage's URL:
--- https://API.execute-api.REGION.amazonaws.com/STAGE
local CONNECTION = "/@connections/{ConnectionId}"

---@type table<string, engine.RestAction>
return {
  DeleteConnection = { method = "DELETE", path = CONNECTION },
  GetConnection = { method = "GET", path = CONNECTION },
  PostToConnection = { method = "POST", path = CONNECTION, body = "Data" },
}
