--- What can be said of an interceptor, which runs around handlers.
---@module "laconic.interceptor"
local check = require "engine.check"

local interceptor = {}

--- What runs around handlers, in Lambda. The points are in this order. What a function returns, other
--- than nil, takes the place of the text, the event or the result; what it puts on the context, the
--- handler finds there; when it raises, the invocation fails. Before the handler they run in the order
--- they were said, the service's before the function's; after it in reverse.
---@class laconic.Interceptor
---@field begin? fun(context: laconic.Context, text: string): string?  the event, JSON text yet
---@field before_setup? fun(context: laconic.Context, text: string): string?
---@field after_setup? fun(context: laconic.Context, event: any): any  the event is decoded
---@field before_dispatch? fun(context: laconic.Context, event: any): any
---@field after_dispatch? fun(context: laconic.Context, event: any, result: any, failed?: table): any
---  also when the handler failed: `failed` has errorType, errorMessage and stackTrace, and a result
---  that is returned then mends it
---@field complete? fun(context: laconic.Context, event: any, outcome: table)  always, whatever failed:
---  `outcome` has ok, result, streamed, error (as `failed`) and raised

local POINT = { type = "function" }

local POINTS = {
  begin = POINT,
  before_setup = POINT,
  after_setup = POINT,
  before_dispatch = POINT,
  after_dispatch = POINT,
  complete = POINT,
}

--- Checks what is to run around handlers.
---@param name string  "interceptor", "lambda.interceptors[1]"
---@param options laconic.Interceptor
function interceptor.check(name, options)
  check.fields(name, options, POINTS)
end

return interceptor
