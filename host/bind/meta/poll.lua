---@meta host.poll

--- Waits for any of several file descriptors: host.server and host.process give theirs.
local poll = {}

--- Waits until one of them is readable (or at its end) or `timeout` seconds have passed.
---@param fds integer[]
---@param timeout number?  nil waits for ever
---@return integer[] ready  empty on time-out; nil and an error of kind "interrupt" on Ctrl-C
---@return table? err
function poll.wait(fds, timeout) end

---@class host.poll.Set
local set = {}

--- A set of descriptors for who waits for the same ones again and again. To be closed.
---
---     local set <close> = assert(poll.set())
---     assert(set:add(server:fd()))
---     local ready = {}
---     for i = 1, assert(set:wait(ready, 1)) do
---       print(ready[i])
---     end
---@return host.poll.Set set
---@return table? err
function poll.set() end

--- Adding one that is in already is no mistake. One that is closed leaves by itself.
---@param fd integer
---@return true? added
---@return table? err  a regular file, which is always ready
function set:add(fd) end

--- Removing one that is not in, or closed, is no mistake.
---@param fd integer
function set:remove(fd) end

--- Waits until one of them is readable (or at its end) or `timeout` seconds have passed, rounded up to
--- milliseconds.
---@param into integer[]    gets those that are ready, at most 64; what stood there before stays behind
---@param timeout? number   nil waits for ever
---@return integer count    0 on time-out; nil and an error of kind "interrupt" on Ctrl-C
---@return table? err
function set:wait(into, timeout) end

function set:close() end

return poll
