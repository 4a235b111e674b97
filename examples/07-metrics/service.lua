local laconic = require "laconic"
local metrics = require "laconic.metrics"

metrics.configure { namespace = "Till", cold_start = true }

local service = laconic.service { name = "till", description = "Adds up what is bought" }

local function total(items)
  local sum = 0
  for _, item in ipairs(items) do
    metrics.put("Price", item.price)
    sum = sum + item.price * (item.count or 1)
  end
  return sum
end

service:lambda {
  name = "checkout",
  handler = function(event)
    metrics.dimensions({ Shop = event.shop }, {}) -- for each shop, and for all of them
    metrics.property("order", event.order)
    metrics.put("Items", #event.items, "Count")
    return { total = total(event.items) }
  end,
}

return service
