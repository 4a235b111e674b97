---@meta host.file

--- Files and folders. Errors carry errno's name as `code` ("ENOENT").
local file = {}

---@param path string
---@param options? { max_bytes?: integer } default 256 MiB; past it an error of kind "limit"
---@return string bytes
---@return table? err
function file.read(path, options) end

--- Writes to a temporary file beside it, syncs when asked, renames: readers see all or nothing. A
--- failure leaves nothing behind. A link at `path` is replaced, not followed.
---@param path string
---@param bytes string
---@param options? { executable?: boolean, private?: boolean, sync?: boolean } private: mode 0600
---@return true? done
---@return table? err
function file.write(path, bytes, options) end

---@return true? done
---@return table? err
function file.append(path, bytes) end

--- Gathers what is to be appended to a file outside of Lua's heap: for many small pieces that are
--- written together, the collector sees none of them. What is not written when it goes is lost.
---
---     local log = file.appender "events.jsonl"
---     if log:add(line) > 32768 then
---       assert(log:write())
---     end
---@param path string  opened at each write, not before
---@return host.file.Appender appender
function file.appender(path) end

---@class host.file.Appender
local appender = {}

--- Adds bytes to what waits.
---@param bytes string
---@return integer? waiting  bytes that wait now
---@return table? err        out of memory: nothing waits any more
function appender:add(bytes) end

--- How many bytes wait.
---@return integer bytes
function appender:waiting() end

--- Appends what waits, in one write; nothing waits after it, even when it fails.
---@return true? done
---@return table? err
function appender:write() end

--- Forgets what waits.
function appender:drop() end

--- Keeps the first `size` bytes of a file; one that is not longer stays as it is. To take a large file
--- away in steps keeps nobody waiting, as `file.remove` does: 32 MB took 10 ms.
---@param path string
---@param size integer  bytes
---@return true? done
---@return table? err   "ENOENT" when there is no such file
function file.shorten(path, size) end

--- Of the link itself, when `path` is one.
---@return { size: integer, kind: "file"|"folder"|"link"|"other", modified: number, executable: boolean } facts
---@return table? err
function file.stat(path) end

--- Whether something is there. A link that leads nowhere is not.
---@return boolean
function file.exists(path) end

--- Names in a folder, sorted in byte order, without . and ..
---@return string[] names
---@return table? err
function file.list(folder) end

--- Everything below a folder that is no folder itself, as paths relative to it, sorted by their bytes.
--- A link is listed, and not followed.
---@param folder string
---@param options? { max_entries?: integer } default 100,000
---@return string[] paths
---@return table? err
function file.walk(folder, options) end

--- Makes a folder and those above it.
---@return true? done
---@return table? err
function file.make_folder(path) end

--- Removes a file; an absent one is a success.
---@return true? done
---@return table? err
function file.remove(path) end

--- Removes a folder and all in it, sealed or not; links are removed, not followed; an absent one is a
--- success.
---@return true? done
---@return table? err
function file.remove_tree(path) end

--- Takes the right to write from a folder and from all in it; links are left alone. root writes
--- nonetheless.
---@return true? done
---@return table? err
function file.seal_tree(path) end

---@return true? done
---@return table? err
function file.rename(from, to) end

--- Copies the bytes and the right to execute; readers of `to` see all or nothing.
---@return true? done
---@return table? err
function file.copy(from, to) end

--- Makes a new folder, private to the user, under `parent` (default: TMPDIR).
---@return string path
---@return table? err
function file.temporary_folder(parent) end

--- The absolute path without links and dots.
---@return string path
---@return table? err
function file.real_path(path) end

---@return string path
function file.current_folder() end

--- The program's own file.
---@return string path
function file.program() end

--- Takes a lock on a file (made when absent), held until closed or the process ends, however it ends.
--- Many may hold a shared one; an exclusive one (the default) is held alone. nil, err with code
--- "EAGAIN" when another's lock is in the way.
---@param path string
---@param options? { shared?: boolean }
---@return { close: fun(self) }? lock
---@return table? err
function file.lock(path, options) end

return file
