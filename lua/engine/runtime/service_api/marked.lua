--- Which functions clients may reach: those that were marked, and no others.
local marked = {}

--- What is said of one.
---@class engine.runtime.ApiFunction
---@field run fun(request: laconic.ApiRequest, parameters: table): any
---@field required? string[]  with `optional`, its signature; neither: the description's
---@field optional? string[]
---@field rest? boolean       names besides are welcome
---@field unlogged? table<string, true>
---@field logging_filter? fun(event: table)

local facts_of = setmetatable({}, { __mode = "k" })

-- Called, it is the function itself: for tests.
local metatable = {
  __name = "laconic.api_function",
  __call = function(self, ...)
    return facts_of[self].run(...)
  end,
}

--- Marks a function.
---@param facts engine.runtime.ApiFunction
---@return function  a value that can be called, and is known here
function marked.new(facts)
  local self = setmetatable({}, metatable)
  facts_of[self] = facts
  return self
end

--- What is said of a value, when it was marked.
---@param value any
---@return engine.runtime.ApiFunction?
function marked.facts(value)
  return facts_of[value]
end

return marked
