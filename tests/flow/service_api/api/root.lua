local service = require "laconic.service_api"

return {
  get = service.api(function(_, params)
    assert(next(params) == nil)
    return service.array {}
  end),
  delete = service.api(function()
    return "cleared"
  end),
}
