---@meta host.guard

--- What a handler is held to: its time, its memory, and the wish to end. For the runtime.
local guard = {}

--- Calls `fn(...)` as xpcall does, until `margin` before the deadline at the latest: then an error
--- { kind = "timeout", type, message, trace } is raised in whatever Lua runs, a coroutine too, and again
--- after each tenth of the margin until the call ends. From the fourth time it is raised at every
--- instruction, so that no loop around a pcall goes on. Calls of host.* that wait return an error of
--- kind "interrupt". A call inside another lasts no longer than that one. Not
--- stopped are C that loops, and finalizers (__gc).
---@param deadline number  seconds since 1970; 0: there is none
---@param margin number    seconds; of a time below ten margins, a tenth; 0: never stop it
---@param on_error fun(raised: any): any  as for xpcall
---@param fn function
---@param ... any
---@return boolean ok
---@return any ...  what `fn` returned; or what `on_error` did, and whether the time was over
function guard.call(deadline, margin, on_error, fn, ...) end

--- Bounds what Lua may allocate. A handler that comes near, although all garbage is collected, is
--- stopped with an error { kind = "memory", type, message, trace }; one that asks for more than there
--- is at once, with Lua's own "not enough memory". Both hold inside guard.call alone.
---@param of_lua integer      bytes, 4 MiB at least
---@param of_process integer  bytes that the process may have in use, Lua's among them: what C asks for
---  beyond fails, and is told as an error
function guard.limit_memory(of_lua, of_process) end

--- What is left in use of the memory that Lua may allocate, when all garbage is collected.
---@return number share  0 to 1; 0 when nothing bounds it
function guard.memory_kept() end

--- From now on SIGTERM lets what runs finish: it only ends a wait for the next event.
function guard.end_gently() end

--- Whether SIGTERM came, since `end_gently`.
---@return boolean
function guard.ending() end

return guard
