--- What a command tells a person, on standard error, besides its answer. `--level warn` and above
--- silence it, `--timestamps` puts the time before it, and with `--format json` it is an object a line.
local log = require "host.log"

local message = {}

local timestamps, json = false, false

--- Takes the global flags.
---@param globals table
function message.configure(globals)
  timestamps = globals.timestamps or false
  json = globals.format == "json"
end

--- Whether such messages are wanted at all.
---@return boolean
function message.wanted()
  return log.enabled "info"
end

--- The text with the time before it, when times are wanted.
---@param text string
---@return string
function message.stamped(text)
  if not timestamps then
    return text
  end
  local clock = require "host.clock"
  return clock.iso8601(clock.now(), true) .. "  " .. text
end

--- Tells a sentence, or several lines.
---@param text string
function message.say(text)
  if json then
    log.info(text)
  elseif message.wanted() then
    io.stderr:write(message.stamped(text), "\n")
  end
end

return message
