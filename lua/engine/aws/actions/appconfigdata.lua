--- What AppConfig's data plane looks like on the wire.
---@type table<string, engine.RestAction>
return {
  GetLatestConfiguration = {
    method = "GET",
    path = "/configuration",
    query = { ConfigurationToken = "configuration_token" },
    answer = "raw",
  },
  StartConfigurationSession = { method = "POST", path = "/configurationsessions", body = "json" },
}
