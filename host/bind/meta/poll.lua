---@meta host.poll

--- Waits for any of several file descriptors: host.server and host.process give theirs.
local poll = {}

--- Waits until one of them is readable (or at its end) or `timeout` seconds have passed.
---@param fds integer[]
---@param timeout number?  nil waits for ever
---@return integer[] ready  empty on time-out; nil and an error of kind "interrupt" on Ctrl-C
---@return table? err
function poll.wait(fds, timeout) end

return poll
