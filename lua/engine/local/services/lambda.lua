--- Lambda, as the local cloud answers for it: functions that run as real processes.
local attachment_actions = require "engine.local.services.lambda.attachment_actions"
local code = require "engine.local.services.lambda.code"
local function_actions = require "engine.local.services.lambda.function_actions"
local instance = require "engine.local.services.lambda.instance"
local invoke_action = require "engine.local.services.lambda.invoke_action"
local invoking = require "engine.local.services.lambda.invoking"
local pool = require "engine.local.services.lambda.pool"
local runtime_api = require "engine.local.services.lambda.runtime_api"
local url_actions = require "engine.local.services.lambda.url_actions"

local lambda = {
  protocol = "rest_json",
  actions = {},
  members = require "engine.local.services.lambda.members",
  routes = {
    { "POST", "/2015-03-31/functions/{FunctionName}/invocations", "Invoke", raw = true },
    { "POST", "/2021-11-15/functions/{FunctionName}/response-streaming-invocations",
      "InvokeWithResponseStream", raw = true },
    { "GET", "/2015-03-31/functions", "ListFunctions" },
    { "POST", "/2015-03-31/functions", "CreateFunction", status = 201 },
    { "GET", "/2015-03-31/functions/{FunctionName}", "GetFunction" },
    { "DELETE", "/2015-03-31/functions/{FunctionName}", "DeleteFunction", status = 204 },
    { "GET", "/2015-03-31/functions/{FunctionName}/configuration", "GetFunctionConfiguration" },
    { "PUT", "/2015-03-31/functions/{FunctionName}/configuration", "UpdateFunctionConfiguration" },
    { "PUT", "/2015-03-31/functions/{FunctionName}/code", "UpdateFunctionCode" },
    { "POST", "/2015-03-31/functions/{FunctionName}/versions", "PublishVersion", status = 201 },
    { "GET", "/2015-03-31/functions/{FunctionName}/versions", "ListVersionsByFunction" },
    { "POST", "/2015-03-31/functions/{FunctionName}/aliases", "CreateAlias", status = 201 },
    { "GET", "/2015-03-31/functions/{FunctionName}/aliases", "ListAliases" },
    { "GET", "/2015-03-31/functions/{FunctionName}/aliases/{Name}", "GetAlias" },
    { "PUT", "/2015-03-31/functions/{FunctionName}/aliases/{Name}", "UpdateAlias" },
    { "DELETE", "/2015-03-31/functions/{FunctionName}/aliases/{Name}", "DeleteAlias",
      status = 204 },
    { "POST", "/2015-03-31/functions/{FunctionName}/policy", "AddPermission", status = 201 },
    { "GET", "/2015-03-31/functions/{FunctionName}/policy", "GetPolicy" },
    { "DELETE", "/2015-03-31/functions/{FunctionName}/policy/{StatementId}", "RemovePermission",
      status = 204 },
    { "PUT", "/2017-10-31/functions/{FunctionName}/concurrency", "PutFunctionConcurrency" },
    { "DELETE", "/2017-10-31/functions/{FunctionName}/concurrency", "DeleteFunctionConcurrency",
      status = 204 },
    { "GET", "/2019-09-30/functions/{FunctionName}/concurrency", "GetFunctionConcurrency" },
    { "PUT", "/2019-09-25/functions/{FunctionName}/event-invoke-config",
      "PutFunctionEventInvokeConfig" },
    { "GET", "/2019-09-25/functions/{FunctionName}/event-invoke-config",
      "GetFunctionEventInvokeConfig" },
    { "DELETE", "/2019-09-25/functions/{FunctionName}/event-invoke-config",
      "DeleteFunctionEventInvokeConfig", status = 204 },
    { "POST", "/2021-10-31/functions/{FunctionName}/url", "CreateFunctionUrlConfig", status = 201 },
    { "GET", "/2021-10-31/functions/{FunctionName}/url", "GetFunctionUrlConfig" },
    { "PUT", "/2021-10-31/functions/{FunctionName}/url", "UpdateFunctionUrlConfig" },
    { "DELETE", "/2021-10-31/functions/{FunctionName}/url", "DeleteFunctionUrlConfig",
      status = 204 },
    { "GET", "/2021-10-31/functions/{FunctionName}/urls", "ListFunctionUrlConfigs" },
    { "GET", "/2017-03-31/tags/{Resource+}", "ListTags" },
    { "POST", "/2017-03-31/tags/{Resource+}", "TagResource", status = 204 },
    { "DELETE", "/2017-03-31/tags/{Resource+}", "UntagResource", status = 204 },
  },
}

for _, group in ipairs { function_actions, attachment_actions, invoke_action, url_actions } do
  for name, action in pairs(group) do
    lambda.actions[name] = action
  end
end

--- Invokes a function from inside the cloud, and waits for its end; see engine.local.services.lambda.invoking.
lambda.invoke = invoking.now

--- The same, put into the queue and not waited for.
lambda.invoke_later = invoking.later

--- The same, tried again as what is queued is.
lambda.invoke_again = invoking.again

--- Takes up the invocations that a killed cloud had queued, and removes what it left half done.
function lambda.open(cloud)
  cloud.state:remove_folder(instance.SCRATCH)
  code.sweep(cloud)
  invoking.resume(cloud)
end

--- Ends every running function.
function lambda.close(cloud)
  pool.close(cloud)
  runtime_api.close(cloud)
end

return lambda
