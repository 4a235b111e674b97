---@meta host.terminal

--- The terminal: whether there is one, its size, and line editing over libedit.
local terminal = {}

---@param stream "stdin"|"stdout"|"stderr"
---@return boolean
function terminal.is_terminal(stream) end

---@return integer columns  80 when there is none
---@return integer rows     24
function terminal.size() end

---@class host.terminal.Editor
local editor = {}

---@class host.terminal.Options
---@field history? string        a file, read now and written (mode 0600) after each line added
---@field history_size? integer  lines; default 1,000
---@field complete? fun(line: string, cursor: integer): string[]  whole lines, each a way to go on;
---  what all have in common is put in, else they are shown; one that raises offers nothing

--- A line editor with history and completion.
---@param options? host.terminal.Options
---@return host.terminal.Editor editor
---@return table? err
function terminal.editor(options) end

--- Reads a line; nil at the end of input; nil and an error of kind "interrupt" on Ctrl-C.
--- Without a terminal it reads standard input plainly, showing no prompt.
---@param prompt string
---@return string? line
---@return table? err
function editor:read(prompt) end

--- Adds a line to the history; an empty one, or the last one again, is left out.
---@param line string
function editor:add(line) end

function editor:close() end

return terminal
