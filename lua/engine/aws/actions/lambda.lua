--- What Lambda's actions look like on the wire, as far as they are known; see engine.aws.rest.
local FUNCTION = "/2015-03-31/functions/{FunctionName}"

---@type table<string, engine.RestAction>
return {
  GetFunction = { method = "GET", path = FUNCTION, query = { Qualifier = "Qualifier" } },
  Invoke = {
    method = "POST",
    path = FUNCTION .. "/invocations",
    query = { Qualifier = "Qualifier" },
    headers = {
      ClientContext = "X-Amz-Client-Context",
      InvocationType = "X-Amz-Invocation-Type",
      LogType = "X-Amz-Log-Type",
    },
    body = "Payload",
    answer = "raw",
  },
  InvokeWithResponseStream = {
    method = "POST",
    path = "/2021-11-15/functions/{FunctionName}/response-streaming-invocations",
    query = { Qualifier = "Qualifier" },
    headers = {
      ClientContext = "X-Amz-Client-Context",
      InvocationType = "X-Amz-Invocation-Type",
      LogType = "X-Amz-Log-Type",
    },
    body = "Payload",
    answer = "raw",
  },
  ListFunctions = {
    method = "GET",
    path = "/2015-03-31/functions/",
    query = { Marker = "Marker", MaxItems = "MaxItems" },
  },
  UpdateFunctionCode = { method = "PUT", path = FUNCTION .. "/code", body = "json" },
}
