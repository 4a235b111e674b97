-- A service with a module written in C: nothing has to be said but `require`.
local formula = require "formula"
local laconic = require "laconic"

local service = laconic.service { name = "formulas", description = "Computes formulas" }

service:lambda {
  name = "compute",
  memory = 128,
  timeout = 3,
  handler = function(event)
    local value = formula.value(event.formula)
    if not value then
      error { type = "NoFormula", message = ("'%s' is no formula"):format(event.formula) }
    end
    return { formula = event.formula, value = value }
  end,
}

return service
