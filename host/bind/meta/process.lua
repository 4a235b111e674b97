---@meta host.process

--- Other programs: started, bounded, read, reaped. A handle is closed (killed when still running, and
--- reaped) by `close`, by a to-be-closed variable, or by the collector.
---@class host.process.Options
---@field [integer] string               argv; [1] is looked up in PATH
---@field cwd? string
---@field env? table<string, string>     the whole environment; default: ours
---@field stdin? string                  bytes to feed, then closed; default: nothing to read
---@field output? "pipe"|"inherit"|"discard"  standard output and error, together; default "pipe"
---@field error? "pipe"|"inherit"|"discard"|"output"  standard error apart; default "output"
---@field memory? integer                bytes of private data (RLIMIT_DATA)
---@field file_size? integer             bytes a file may reach (RLIMIT_FSIZE)
---@field group? boolean                 a process group of its own, which ends whole when its leader does; default true
---@field die_with_parent? boolean       killed when we end; default true

---@class host.process.Process
local process = {}

--- Starts a program.
---@param options host.process.Options
---@return host.process.Process handle  or nil and an error (code "ENOENT" when there is no such program)
---@return table? err
function process.spawn(options) end

--- Runs a program to its end and collects its output.
---@param options host.process.Options  with timeout? (seconds), max_output? (bytes of each stream, default 16 MiB)
---@return { status?: integer, signal?: integer, max_memory: integer, output: string, error?: string } result  max_memory: the most that was resident at once, bytes
---@return table? err  kind "limit" when it took too long (code "timeout") or said too much; it is then ended
function process.run(options) end

---@return integer
function process.pid() end

--- Whether a process of that id exists.
---@return boolean
function process.alive(pid) end

--- Asks for turns of a processor that are so long, for this program; what it starts has the kernel's
--- own again. Who asks for short ones gets them sooner once it can run, and its share of the processor
--- stays the same: for a server that others wait for. Linux does so since 6.12; before, nothing changes.
---
---     process.slice(0.0001)
---@param seconds number  0.0001 to 0.1
---@return true? done
---@return table? err  errno's name as code: what confines the program may forbid it
function process.slice(seconds) end

---@return integer pid
function process:id() end

--- The file descriptor that becomes readable when there is output or its end; see host.poll.
---@return integer fd
function process:fd() end

--- What has come without waiting, at most `max` bytes (default 64 KiB): "" when nothing is there yet,
--- nil when all output has ended.
---@return string? bytes
function process:read(max) end

--- The same for standard error, with error = "pipe".
---@return string? bytes
function process:read_error(max) end

---@return integer fd
function process:error_fd() end

--- Whether it has ended, without waiting: nil while it runs.
---@return { status?: integer, signal?: integer }? result
function process:poll() end

---@param timeout? number seconds
---@return { status?: integer, signal?: integer }? result  nil and an error of kind "limit", code "timeout", on time-out
---@return table? err
function process:wait(timeout) end

---@param signal? integer  default 15
function process:kill(signal) end

--- Resident memory now, in bytes; nil when it has ended.
---@return integer? bytes
function process:memory() end

function process:close() end

--- Closes the handle and lets the program run on without us; for one that was started with
--- die_with_parent = false.
function process:release() end

return process
