---@meta host.log

--- Messages for people, on standard error: a level, a sentence, fields.
local log = {}

--- Fields left out stay as they are; at first { level = "info", format = "text" }.
---@param options { level?: "trace"|"debug"|"info"|"warn"|"error"|"fatal"|"off", format?: "text"|"json", color?: boolean, timestamps?: boolean }
function log.configure(options) end

---@return boolean  whether messages of that level are written
function log.enabled(level) end

--- Text: `INFO  Uploading  key=hello/code-1a2b.zip size=812`; JSON: one object a line, always with
--- its timestamp. Fields come in byte order, values by their tostring (numbers and booleans stay such
--- in JSON); NUL and control characters are escaped; a line never exceeds 64 KiB.
---@param level "trace"|"debug"|"info"|"warn"|"error"|"fatal"
---@param message string
---@param fields? table<string, any>  at most 64
function log.write(level, message, fields) end

function log.trace(message, fields) end
function log.debug(message, fields) end
function log.info(message, fields) end
function log.warn(message, fields) end
function log.error(message, fields) end
function log.fatal(message, fields) end

return log
