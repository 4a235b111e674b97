--- The invocation at hand, for what a handler calls without handing its context on: metrics, traces.
--- The runtime serves one at a time, so there is one.
local current = {}

-- A table's field and not a local: what an old closure's local has held counts as old to the
-- collector, and old things are looked at rarely. False, not nil, where nothing is: a field that
-- stays is quicker to set than one that is made again for every event.
local at_hand = {
  context = false,
  request_id = false,
  stream = false,
  answered = false,
  raised = false,
  frames = false,
  count = 0,
}
local enders = {}
local observer

--- Says that an invocation begins; the loop's.
---@param context laconic.Context
function current.begin(context)
  at_hand.context, at_hand.count = context, at_hand.count + 1
  at_hand.request_id, at_hand.stream, at_hand.answered = context.request_id, false, false
end

--- Says that the invocation at hand has its answer: whatever runs yet, none begins any more.
function current.settle()
  at_hand.answered = true
end

--- Whether an answer may begin to be streamed.
---@return boolean
function current.is_open()
  return at_hand.context ~= false and not at_hand.answered
end

--- The id of the invocation at hand, whatever a handler makes of its context; nil outside of one.
---@return string?
function current.request_id()
  return at_hand.context and at_hand.request_id or nil
end

--- Keeps the stream that answers the invocation at hand.
---@param stream laconic.Stream
function current.set_stream(stream)
  at_hand.stream = stream
end

--- The stream that answers the invocation at hand, or the last one until another begins.
---@return laconic.Stream?
function current.stream()
  return at_hand.stream or nil
end

--- The context of the invocation at hand; nil outside of one.
---@return laconic.Context?
---@return integer count  how many there were in this process, this one counted
function current.context()
  return at_hand.context or nil, at_hand.count
end

--- Lets `fn(context, failed)` run at the end of every invocation, before it is answered: `failed` is
--- Lambda's error object when the handler failed.
---@param fn fun(context: laconic.Context, failed?: engine.runtime.Failed)
function current.on_end(fn)
  table.insert(enders, fn)
end

--- Lets `fn(call, send)` stand around every call to AWS that handlers make: `call` is { service,
--- action, region }, and what `send()` returns or raises is what it must return or raise. Nil ends it.
---@param fn? fun(call: { service: string, action: string, region: string }, send: fun(): any): any
function current.on_call(fn)
  observer = fn
end

--- Makes a call to AWS by way of who stands around them, if somebody does.
---@param call fun(): { service: string, action: string, region: string }
---@param send fun(): any
---@return any
function current.call(call, send)
  if observer and at_hand.context then
    return observer(call(), send)
  end
  return send()
end

--- Keeps the frames of an error that was caught to be raised again, for who reports it.
---@param raised any
---@param frames string  as debug.traceback writes them
function current.note(raised, frames)
  at_hand.raised, at_hand.frames = raised, frames
end

--- The frames of an error when they were kept.
---@param raised any
---@return string?
function current.noted(raised)
  return raised ~= nil and rawequal(at_hand.raised, raised) and at_hand.frames or nil
end

--- Says that the invocation ends, if one had begun; the loop's. What fails here fails no invocation:
--- it is told on standard error.
---@param failed? engine.runtime.Failed
function current.finish(failed)
  local context = at_hand.context
  if not context then
    return
  end
  for i = 1, #enders do
    local fn = enders[i]
    local ok, raised = pcall(fn, context, failed)
    if not ok then
      io.stderr:write("at the end of the invocation: ", tostring(raised), "\n")
    end
  end
  at_hand.context, at_hand.raised, at_hand.frames = false, false, false
end

return current
