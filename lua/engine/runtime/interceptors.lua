--- What runs around a handler, at six points:
---
---   begin, before_setup       (context, text)            the event is JSON text yet
---   after_setup, before_dispatch  (context, event)       it is decoded
---   after_dispatch            (context, event, result, failed)
---   complete                  (context, event, outcome)  always, whatever failed
---
--- Those before the handler run in the order they were said, the service's before the function's;
--- those after it in reverse: what was opened first is closed last. What one returns, other than
--- nil, takes the place of the text, the event or the result.
local json = require "host.json"
local report = require "engine.runtime.report"

local interceptors = {}

--- What `complete` is told.
---@class laconic.Outcome
---@field ok boolean
---@field result? any     what the handler returned, or an interceptor in its place
---@field streamed? true  it answered with a stream
---@field error? engine.runtime.Failed  { errorType, errorMessage, stackTrace }
---@field raised? any     what was raised, as it is

local BEFORE = { "begin", "before_setup", "after_setup", "before_dispatch" }
local AFTER = { "after_dispatch", "complete" }

local function of_point(list, point)
  local functions = {}
  for _, interceptor in ipairs(list) do
    functions[#functions + 1] = interceptor[point]
  end
  return functions
end

--- The functions of each point in the order they run; nil when there are none at all.
---@param of_service table[]   interceptors as they were said
---@param of_function table[]
---@return table<string, function[]>?
function interceptors.chain(of_service, of_function)
  if #of_service + #of_function == 0 then
    return nil
  end
  local all = table.move(of_service, 1, #of_service, 1, {})
  table.move(of_function, 1, #of_function, #all + 1, all)
  local chain = {}
  for _, point in ipairs(BEFORE) do
    chain[point] = of_point(all, point)
  end
  local reversed = {}
  for i = #all, 1, -1 do
    table.insert(reversed, all[i])
  end
  for _, point in ipairs(AFTER) do
    chain[point] = of_point(reversed, point)
  end
  return chain
end

local function replaced(functions, context, value)
  for _, fn in ipairs(functions) do
    local other = fn(context, value)
    if other ~= nil then
      value = other
    end
  end
  return value
end

local function replaced_text(chain, point, context, text)
  text = replaced(chain[point], context, text)
  if type(text) ~= "string" then
    report.refuse("Runtime.InvalidInterceptor",
      ("%s: an interceptor returned a %s: the event's text expected"):format(point, type(text)))
  end
  return text
end

-- The event that the handler gets. Keeps on `state` what there is of it, for `complete`.
local function prepare(chain, context, state)
  local text = replaced_text(chain, "begin", context, context.body)
  text = replaced_text(chain, "before_setup", context, text)
  local event, malformed = json.decode(text)
  if malformed then
    report.refuse("Runtime.MalformedEvent", "the event is no JSON: " .. malformed.message)
  end
  context.body = nil
  state.event = event
  event = replaced(chain.after_setup, context, event)
  state.event = event
  state.event = replaced(chain.before_dispatch, context, event)
  return state.event
end

-- The result after all have seen it. A failure stays one unless one of them gives a result.
local function settle(chain, context, event, ok, result)
  local caught = not ok and result or nil
  local failed = caught and report.describe(caught)
  if caught then
    result = nil
  end
  for _, fn in ipairs(chain.after_dispatch) do
    local other = fn(context, event, result, failed)
    if other ~= nil then
      result, failed, caught = other, nil, nil
    end
  end
  if caught then
    error(caught, 0)
  end
  return result
end

--- The handler with what runs around it but for `complete`: raises what was raised and not mended.
---@param chain table<string, function[]>
---@param context laconic.Context
---@param handler fun(event: any, context: table): any
---@param state table  becomes `event` and `result`
---@return any result
function interceptors.dispatch(chain, context, handler, on_error, state)
  local event = prepare(chain, context, state)
  if #chain.after_dispatch == 0 then
    state.result = handler(event, context)
  else
    state.result = settle(chain, context, event, xpcall(handler, on_error, event, context))
  end
  return state.result
end

--- Tells every `complete` how it ended. All of them run; the first failure among them is returned.
---@param chain table<string, function[]>
---@param outcome laconic.Outcome
---@return table? caught
function interceptors.complete(chain, context, on_error, event, outcome)
  local first
  for _, fn in ipairs(chain.complete) do
    local ok, caught = xpcall(fn, on_error, context, event, outcome)
    if not ok then
      first = first or caught
    end
  end
  return first
end

return interceptors
