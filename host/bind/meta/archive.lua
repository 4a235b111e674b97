---@meta host.archive

--- Zip archives: written so that the same input gives the same bytes on any host, read with bounds.
--- Names are relative and in one form: UTF-8, "/" between parts, no "..", no control characters, at
--- most 1,024 bytes, each once. What is read is held to the same, and to its sizes and CRC-32; links,
--- devices and encryption are refused.
---@class host.archive.Entry
---@field name string            "lib/money.lua": relative, "/" between, no "..", no "\\", unique
---@field data? string           the bytes, or
---@field path? string           the file they are in, or
---@field packed? string         a file made by `archive.pack`: copied as it is, not compressed again
---@field executable? boolean    mode 0755 rather than 0644

---@class host.archive.Limits
---@field max_entries? integer   default 20,000
---@field max_bytes? integer     of all entries unpacked; default 262,144,000 (Lambda's)
---@field max_entry_bytes? integer of one; default: as max_bytes

local archive = {}

--- Writes a zip (to a temporary file that is then renamed): entries sorted by name, time 1980-01-01,
--- modes from the entries, compressed by libdeflate (stored where that gains nothing), creator Unix.
---@param path string
---@param entries host.archive.Entry[]
---@param options? { level?: integer } 1 to 12, default 6; 0 stores
---@return { bytes: integer, sha256: string, entries: integer } facts
---@return table? err
function archive.write(path, entries, options) end

--- Compresses a file once, for many archives: raw deflate behind a small header (sizes, CRC-32).
---@param from string
---@param to string
---@param options? { level?: integer }
---@return { bytes: integer, packed_bytes: integer } facts
---@return table? err
function archive.pack(from, to, options) end

--- The bytes that were packed.
---@param path string    a file made by `archive.pack`
---@return string bytes  nil with an error of kind "input" when it is none, or is damaged
---@return table? err
function archive.unpack(path) end

--- What is inside, without unpacking.
---@return { name: string, size: integer, packed_size: integer, crc32: integer, executable: boolean, folder: boolean }[] entries
---@return table? err
function archive.list(path, limits) end

--- One entry's bytes.
---@return string data  nil with an error of code "ENOENT" when there is no such entry
---@return table? err
function archive.read(path, name, limits) end

--- Unpacks into a folder, which must be absent (it is made, with those above it) or empty: all of the
--- archive, or nothing. A name that leaves it, a link, a bound passed: an error.
---@param path string
---@param folder string
---@param limits? host.archive.Limits
---@return { entries: integer, bytes: integer } facts  files, without folders, and their bytes
---@return table? err
function archive.extract(path, folder, limits) end

return archive
