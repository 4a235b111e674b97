--- Reads a zip archive that is in memory: what laconic wrote and a function unpacks. Everything in it
--- is checked against the archive's own bounds before it is used.
local failure = require "engine.failure"
local gzip = require "host.gzip"

local zip = {}

local END_MARK <const> = "PK\5\6"
local ENTRY_MARK <const> = 0x02014b50
local LOCAL_MARK <const> = 0x04034b50
local END_BYTES <const> = 22
local ENTRY_BYTES <const> = 46
local LOCAL_BYTES <const> = 30
local LONGEST_COMMENT <const> = 65535
local MOST_BYTES <const> = 1 << 30 -- of one entry
local STORED <const>, DEFLATED <const> = 0, 8

-- A deflated entry is a gzip member without its head and its tail.
local GZIP_HEAD <const> = "\31\139\8\0\0\0\0\0\0\255"

---@class engine.runtime.ZipEntry
---@field name string
---@field size integer           of what it holds
---@field package method integer
---@field package packed_size integer
---@field package crc32 integer
---@field package offset integer

local function damaged(what)
  failure.raise("input", "the archive is damaged: " .. what)
end

local function find_end(bytes)
  local from = math.max(1, #bytes - END_BYTES - LONGEST_COMMENT + 1)
  for at = #bytes - END_BYTES + 1, from, -1 do
    if bytes:sub(at, at + 3) == END_MARK then
      return at
    end
  end
  damaged "it has no end"
end

-- An entry of the directory, and where the next one begins.
local function read_entry(bytes, at)
  if at + ENTRY_BYTES - 1 > #bytes then
    damaged "its directory is cut"
  end
  local mark, method, crc, packed, size, name_length, extra, comment, offset =
    ("<I4xxxxxxI2xxxxI4I4I4I2I2I2xxxxxxxxI4"):unpack(bytes, at)
  local name = bytes:sub(at + ENTRY_BYTES, at + ENTRY_BYTES + name_length - 1)
  if mark ~= ENTRY_MARK or #name ~= name_length then
    damaged "its directory is broken"
  end
  local entry = {
    name = name, size = size, method = method, packed_size = packed, crc32 = crc, offset = offset,
  }
  return entry, at + ENTRY_BYTES + name_length + extra + comment
end

--- What is inside, without folders, in the archive's order.
---@param bytes string
---@return engine.runtime.ZipEntry[]
function zip.entries(bytes)
  local count, _, first = ("<I2I4I4"):unpack(bytes, find_end(bytes) + 10)
  local list, at = {}, first + 1
  for _ = 1, count do
    local entry
    entry, at = read_entry(bytes, at)
    if not entry.name:find "/$" then
      table.insert(list, entry)
    end
  end
  return list
end

--- What an entry holds; its size and its checksum are verified.
---@param bytes string
---@param entry engine.runtime.ZipEntry
---@return string
function zip.read(bytes, entry)
  local at = entry.offset + 1
  if at + LOCAL_BYTES - 1 > #bytes then
    damaged(entry.name .. " is not in it")
  end
  local mark, name_length, extra = ("<I4xxxxxxxxxxxxxxxxxxxxxxI2I2"):unpack(bytes, at)
  local first = at + LOCAL_BYTES + name_length + extra
  local packed = bytes:sub(first, first + entry.packed_size - 1)
  if mark ~= LOCAL_MARK or #packed ~= entry.packed_size or entry.size > MOST_BYTES then
    damaged(entry.name .. " is cut")
  elseif entry.method == STORED then
    if #packed ~= entry.size or require("host.digest").crc32(packed) ~= entry.crc32 then
      damaged(entry.name .. " is not what it was")
    end
    return packed
  elseif entry.method ~= DEFLATED then
    damaged(entry.name .. " is packed in a way that is not known")
  end
  local tail = ("<I4I4"):pack(entry.crc32, entry.size)
  local content, err = gzip.decompress(GZIP_HEAD .. packed .. tail, { max_bytes = entry.size })
  return content or damaged(("%s: %s"):format(entry.name, err.message))
end

return zip
