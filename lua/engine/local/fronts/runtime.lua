--- Lambda's Runtime API, for the functions' processes: /_runtime/<instance>/2018-06-01/runtime/…
local runtime = {}

---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@return table? response
function runtime.answer(request, cloud)
  return cloud:service("lambda").runtime(request, cloud)
end

return runtime
