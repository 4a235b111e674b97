local service = require "laconic.service_api"

return {
  get = service.api(function(_, params)
    local types = {}
    for name, value in pairs(params) do
      types[name] = math.type(value) or type(value)
    end
    return { types = types, values = params }
  end),
}
