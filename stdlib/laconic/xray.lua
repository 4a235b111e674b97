--- X-Ray sub-segments: what a handler does, and how long each part takes, in the function's trace.
---
---     local xray = require "laconic.xray"
---
---     local function handler(event)
---       return xray.segment("price", function(part)
---         part:annotate("shop", event.shop)
---         part:metadata("order", event)
---         return price_of(event)
---       end)
---     end
---
--- Say `tracing = "active"` of the function, the permission comes with it. An invocation that X-Ray
--- does not sample runs as it would without. Once this module is loaded, calls of `laconic.aws` are
--- sub-segments, too. One that fails carries the error with its Lua frames, and the last lines of
--- the invocation's log, also of levels that are not printed.
---
---@module "laconic.xray"
local check = require "engine.check"
local clock = require "host.clock"
local current = require "engine.runtime.current"
local json = require "host.json"
local logger = require "engine.runtime.logger"
local trace = require "engine.runtime.trace"

local xray = {}

---@class laconic.SubsegmentOptions
---@field remote? boolean   the part is another service's doing

local MOST_ANNOTATIONS = 50
local LONGEST_TEXT = 1000
local MOST_OPEN = 100 -- at a time: past them nothing is recorded

local function test_name(name)
  if not name:match "^[%w%s_.:/%%&#=+\\@-]+$" then
    return ("'%s': letters, digits, spaces and _.:/%%&#=+\\-@ expected"):format(name)
  end
end

local function test_key(key)
  if not key:match "^[%w_]+$" then
    return ("'%s': letters, digits and '_' expected"):format(key)
  end
end

local NAME = { type = "string", least = 1, most = 200, test = test_name }
local KEY = { type = "string", least = 1, most = 500, test = test_key }
local TEXT = {
  type = "string",
  least = 1,
  test = function(text)
    return not utf8.len(text) and "the text is not UTF-8" or nil
  end,
}
local OPTIONS = { remote = { type = "boolean" } }

logger.keep()

-- Of the invocation at hand: where it stands in its trace, the sub-segments that are open (the
-- innermost last), and the error that the last one told of.
local at_hand = { open = {} }

local function trace_at_hand()
  local context = current.context()
  if at_hand.context ~= context then
    at_hand.context, at_hand.trace = context, trace.here()
  end
  return at_hand.trace
end

---@class laconic.Subsegment
---@field id? string   16 hexadecimal digits; nil when it is not recorded
---@field name string
local subsegment = { __name = "subsegment" }
subsegment.__index = subsegment

local function is_recorded(self)
  return self.trace ~= nil and not self.ended
end

local function check_annotation(key, value)
  check.value("annotate: key", key, KEY)
  check.type("annotate: value of " .. key, value, { "string", "number", "boolean" })
  if not json.encode(value) then
    check.fail("E103", ("annotate: value of %s: nothing that JSON can say"):format(key))
  end
end

--- Adds an annotation: X-Ray finds traces by it. 50 at most; texts are cut after 1,000 characters.
---@param key string  letters, digits and '_'
---@param value string|number|boolean
function subsegment:annotate(key, value)
  check_annotation(key, value)
  if not is_recorded(self) then
    return
  elseif self.annotations[key] == nil then
    if self.annotation_count == MOST_ANNOTATIONS then
      check.fail("E104", ("annotate: %d annotations are the most"):format(MOST_ANNOTATIONS))
    end
    self.annotation_count = self.annotation_count + 1
  end
  self.annotations[key] = type(value) == "string" and value:sub(1, LONGEST_TEXT) or value
end

--- Adds metadata: anything that JSON can say; shown with the trace, and not searched.
---@param key string
---@param value any
---@param namespace? string  default "default"
function subsegment:metadata(key, value, namespace)
  namespace = namespace or "default"
  check.value("metadata: key", key, TEXT)
  check.value("metadata: namespace", namespace, TEXT)
  local text, problem = json.encode(value)
  if not text then
    check.fail("E103", ("metadata: value of %s: %s"):format(key, problem.message))
  elseif is_recorded(self) then
    self.notes[namespace] = self.notes[namespace] or {}
    self.notes[namespace][key] = value
  end
end

local function refusal(raised)
  local status = type(raised) == "table" and math.tointeger(rawget(raised, "status"))
  return status and status >= 400 and status < 500, status == 429
end

-- An error that goes through several sub-segments is told by the innermost; those around it name it.
local function blame(self, caught)
  local raised = trace.raised(caught)
  local refused, throttled = refusal(raised)
  local document, told = self.document, at_hand.told
  document.error, document.throttle = refused or nil, throttled or nil
  document.fault = not refused or nil
  if told and told.raised == raised and told.parent == self.id then
    document.cause = told.id
  else
    local exception = trace.exception(caught)
    told = { raised = raised, id = exception.id }
    document.cause = { exceptions = { exception } }
    self.notes.laconic = self.notes.laconic or {}
    self.notes.laconic.log = json.array(logger.last())
  end
  told.parent = document.parent_id
  at_hand.told = told
end

-- What was begun inside, and forgotten, ends now.
local function end_inner(self)
  local open = at_hand.open
  while open[#open] and open[#open] ~= self do
    open[#open]:finish()
  end
  table.remove(open)
end

--- Ends it, and sends it. What was begun inside and not ended ends with it.
---@param problem? any  what was raised, when it failed
function subsegment:finish(problem)
  if not is_recorded(self) then
    return
  end
  end_inner(self)
  self.ended = true
  if problem ~= nil then
    blame(self, problem)
  end
  local document = self.document
  document.end_time = clock.now()
  document.annotations = next(self.annotations) and self.annotations or nil
  document.metadata = next(self.notes) and self.notes or nil
  trace.send(document)
end

--- `local part <close> = xray.begin "…"` ends it with its block, and with the error that left it.
function subsegment:__close(problem)
  self:finish(problem)
end

local function new_subsegment(name, namespace)
  local here, open = trace_at_hand(), at_hand.open
  local self = setmetatable({ name = name, annotations = {}, notes = {} }, subsegment)
  if here and #open < MOST_OPEN then
    self.trace, self.id, self.annotation_count = here, trace.new_id(), 0
    self.document = {
      id = self.id,
      name = name,
      namespace = namespace,
      parent_id = open[#open] and open[#open].id or here.parent,
      start_time = clock.now(),
      trace_id = here.root,
      type = "subsegment",
    }
    table.insert(open, self)
  end
  return self
end

--- Begins a sub-segment inside the one that is open. To be ended by `finish`, or by `<close>`.
---@param name string
---@param options? laconic.SubsegmentOptions
---@return laconic.Subsegment
function xray.begin(name, options)
  check.value("xray.begin: name", name, NAME)
  check.fields("xray.begin: options", options or {}, OPTIONS)
  return new_subsegment(name, options and options.remote and "remote" or nil)
end

local function finish(self, ok, ...)
  if ok then
    self:finish()
    return ...
  end
  local caught = ...
  local raised = trace.raised(caught)
  self:finish(caught)
  if not rawequal(raised, caught) then
    current.note(raised, caught.trace)
  end
  error(raised, 0)
end

local function run(self, fn, ...)
  if not is_recorded(self) then
    return fn(self, ...)
  end
  return finish(self, xpcall(fn, trace.catch, self, ...))
end

--- Runs `fn(subsegment, ...)` as a sub-segment, and returns what it returns. What it raises is raised
--- again as it is.
---@param name string
---@param fn fun(part: laconic.Subsegment, ...): ...
---@return any ...
function xray.segment(name, fn, ...)
  check.value("xray.segment: name", name, NAME)
  check.type("xray.segment: fn", fn, "function")
  return run(new_subsegment(name), fn, ...)
end

--- Whether the invocation at hand is traced: X-Ray sampled it, and its daemon is there.
---@return boolean
function xray.is_sampled()
  return trace_at_hand() ~= nil
end

-- Calls of laconic.aws: a sub-segment each, as X-Ray shows AWS's services.
current.on_call(function(call, send)
  local self = new_subsegment(call.service, "aws")
  if self.document then
    self.document.aws = { operation = call.action, region = call.region }
  end
  return run(self, send)
end)

current.on_end(function(_, failed)
  local open = at_hand.open
  while #open > 0 do
    open[#open]:finish(failed and "the invocation failed: " .. failed.errorMessage or nil)
  end
  at_hand.context, at_hand.trace, at_hand.told = nil, nil, nil
end)

return xray
