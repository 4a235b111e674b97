local service = require "laconic.service_api"

return {
  get = service.api(function(_, params)
    return params
  end),
  post = service.api(function(_, params)
    return { [params.id] = params.player }
  end, { required = { "id", "player" } }),
  put = service.api(function(_, params)
    return params
  end),
}
