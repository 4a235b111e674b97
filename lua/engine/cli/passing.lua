--- Addresses that lead to a local cloud which ends with the command that shows them.
local message = require "engine.cli.message"

local passing = {}

local TEXT <const> = "The local cloud ends with this command: such addresses answer while "
  .. "`laconic local` runs."

--- Says so, when it is the case.
---@param opened engine.Target
---@param values string[]  what was shown
function passing.tell(opened, values)
  local cloud = opened.cloud
  local port = cloud and cloud.child and cloud.endpoint_url:match ":%d+$"
  for _, value in ipairs(port and values or {}) do
    if (value .. "/"):find(port .. "/", 1, true) then
      io.stdout:flush()
      message.say(TEXT)
      return
    end
  end
end

--- The same for the outputs of a stack.
---@param opened engine.Target
---@param outputs { key: string, value: string }[]
function passing.tell_outputs(opened, outputs)
  local values = {}
  for i, output in ipairs(outputs) do
    values[i] = output.value
  end
  passing.tell(opened, values)
end

return passing
