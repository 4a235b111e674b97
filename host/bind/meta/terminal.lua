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

--- A line editor with history and completion.
---@param options? { history?: string, history_size?: integer, complete?: fun(line: string, cursor: integer): string[] }
---  history: a file, read now, written (mode 0600) by `close` and after each line
---@return host.terminal.Editor editor
---@return table? err
function terminal.editor(options) end

--- Reads a line; nil at the end of input; nil and an error of kind "interrupt" on Ctrl-C.
--- Without a terminal it reads standard input plainly, showing no prompt.
---@param prompt string
---@return string? line
---@return table? err
function editor:read(prompt) end

function editor:add(line) end
function editor:close() end

return terminal
