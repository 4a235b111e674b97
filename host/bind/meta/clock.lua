---@meta host.clock

--- Time, always UTC, and AWS's texts for it. Tests may set it. Times are of the years 1 to 9999;
--- another one raises.
local clock = {}

--- Seconds since 1970, with fractions.
---@return number
function clock.now() end

--- Seconds that only ever grow; for durations. Not moved by `clock.set`.
---@return number
function clock.monotonic() end

--- Fixes `now` at `seconds` for this process, or frees it again with nil.
---@param seconds number?
function clock.set(seconds) end

--- Waits; Ctrl-C ends it early with an error of kind "interrupt".
---@param seconds number
---@return true? done
---@return table? err
function clock.sleep(seconds) end

--- 20150830T123600Z
---@return string
function clock.amz_date(seconds) end
--- 2015-08-30T12:36:00Z, or with milliseconds 2015-08-30T12:36:00.000Z
---@param seconds number
---@param milliseconds? boolean
---@return string
function clock.iso8601(seconds, milliseconds) end
--- Sun, 30 Aug 2015 12:36:00 GMT
---@return string
function clock.http_date(seconds) end
--- Reads any of the three forms back. ISO 8601 may have a fraction, and an offset such as +02:00 in
--- the place of Z.
---@param text string
---@return number seconds  or nil and an error
---@return table? err
function clock.parse(text) end

return clock
