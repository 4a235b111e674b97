-- Metrics of every kind that laconic.metrics can say, one document a line.
local metrics = require "laconic.metrics"

metrics.configure { namespace = "Peer", properties = { version = "1.2" } }
metrics.put("Orders", 1, "Count")
metrics.put("Latency", 12.5, "Milliseconds", { resolution = 1 })
metrics.property("order", { id = 7, items = { "bread" } })
metrics.dimensions({ Shop = "Riga" }, { Shop = "Riga", Till = 3 }, {})
for i = 1, 150 do
  metrics.put("Price", i / 4)
end
for i = 1, 120 do
  metrics.put("Metric " .. i, i, "Bytes/Second")
end
local thirty = {}
for i = 1, 30 do
  thirty["d" .. i] = ("v"):rep(i)
end
metrics.dimensions(thirty)
metrics.put("\u{dc}bergröße", -1.5e10)
metrics.flush()
