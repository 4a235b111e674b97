--- What is refused at an author's line.
---
---     local mistakes = dofile "tests/stdlib/mistakes.lua"
---     local mistake = mistakes.of(function(options) return service:queue(options) end)
---     mistake("queue: unknown field 'dellay'", { dellay = 1 })
local mistakes = {}

--- Makes a check: `mistake(pattern, ...)` calls `say(...)`, which must raise an error of kind "invalid"
--- whose message matches the pattern, and whose line is one of a spec's.
---@param say function
---@return fun(pattern: string, ...: any)
function mistakes.of(say)
  return function(pattern, ...)
    local ok, raised = pcall(say, ...)
    if ok then
      error("nothing was refused: " .. pattern, 2)
    elseif type(raised) ~= "table" or raised.kind ~= "invalid" then
      error("another error than a refusal: " .. tostring(raised), 2)
    elseif not tostring(raised):find(pattern) then
      error(("%s\ndoes not match\n%s"):format(tostring(raised), pattern), 2)
    elseif not tostring(raised.where):find "_spec%.lua:%d+$" then
      error("blamed on " .. tostring(raised.where), 2)
    end
  end
end

return mistakes
