---@meta host.lambda_runtime

--- Lambda's Runtime API from the function's side, over a bare socket: next, response (whole or
--- streamed), error.
---@class host.lambda_runtime.Invocation
---@field request_id string
---@field deadline number          seconds since 1970
---@field invoked_function_arn string
---@field trace_id? string
---@field client_context_json? string
---@field identity_json? string    Cognito's
---@field tenant_id? string
---@field body string

---@class host.lambda_runtime.Loop
local runtime = {}

--- Opens the loop at AWS_LAMBDA_RUNTIME_API ("127.0.0.1:9001", a path may follow).
---@param address string
---@return host.lambda_runtime.Loop loop
---@return table? err
function runtime.open(address) end

--- From now on standard output writes a line in one piece, up to 256 KiB. Before anything is written.
function runtime.buffer_lines() end

--- Waits for the next event, for ever.
---@return host.lambda_runtime.Invocation invocation
---@return table? err
function runtime:next() end

--- Sends the result of an invocation.
---@param request_id string
---@param body string
---@param content_type? string  default application/json
---@return true? done
---@return table? err  kind "service" with status 413 when it is too large
function runtime:respond(request_id, body, content_type) end

--- Begins a result that is sent piece by piece; then `write`, then `finish`, and no other call before.
---@param request_id string
---@param content_type string
---@return true? done
---@return table? err
function runtime:stream(request_id, content_type) end

--- Waits until the other side has taken it all.
---@param bytes string
---@return true? done
---@return table? err  kind "network" when the other side has gone, "limit" past 200 MiB
function runtime:write(bytes) end

--- Ends the stream; with an error, as one that failed in the middle.
---@param error_type? string
---@param error_body? string  a JSON text with errorMessage, errorType, stackTrace
---@return true? done
---@return table? err
function runtime:finish(error_type, error_body) end

--- Sends the failure of an invocation: a JSON text with errorMessage, errorType, stackTrace.
---@return true? done
---@return table? err
function runtime:fail(request_id, error_type, body) end

--- Reports that start-up failed; the process then ends.
---@return true? done
---@return table? err
function runtime:fail_init(error_type, body) end

function runtime:close() end

return runtime
