--- Where custom resources and wait conditions put their answers: /_cloudformation/response/<token>
local cloudformation = {}

---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@return table response
function cloudformation.answer(request, cloud)
  return cloud:service("cloudformation").callback(request)
end

return cloudformation
