--- S3's aws-chunked bodies: chunks with or without a signature each, and checksums that follow them
--- as trailers. Decoded piece by piece, so that a large body never stands in memory.
---
---     10000;chunk-signature=<hex>\r\n <65536 bytes> \r\n … 0;chunk-signature=<hex>\r\n
---     x-amz-checksum-crc32:<base64>\r\n x-amz-trailer-signature:<hex>\r\n \r\n
local digest = require "host.digest"
local fault = require "engine.local.fault"
local file = require "host.file"
local sigv4 = require "host.sigv4"

local chunked = {}

local BLOCK = 1024 * 1024
local LONGEST_LINE = 16 * 1024
local LARGEST_SIGNED = 64 * 1024 * 1024 -- a signed chunk is hashed in one piece
local MOST_TRAILERS = 32

local FORMS = {
  ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD"] = { signed = true },
  ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"] = { signed = true, trailer = true },
  ["STREAMING-UNSIGNED-PAYLOAD-TRAILER"] = { trailer = true },
}

local function incomplete()
  fault.raise("IncompleteBody", "The chunked body ends early, or is not framed as it should be")
end

-- Reads a body that is a text or a file, buffered: lines of bounded length, and exact counts.
local reader = {}
reader.__index = reader

function reader.open(request)
  local self = setmetatable({ buffer = request.body or "", from = 1 }, reader)
  if request.body_file then
    self.source = assert(io.open(request.body_file, "rb"))
  end
  return self
end

function reader:fill()
  local more = self.source and self.source:read(BLOCK)
  if more then
    self.buffer, self.from = self.buffer:sub(self.from) .. more, 1
  end
  return more ~= nil
end

-- The next line without its end; chunk heads end in \r\n, trailers may end in \n alone.
function reader:line()
  while true do
    local stop = self.buffer:find("\n", self.from, true)
    if stop then
      local line = self.buffer:sub(self.from, stop - 1)
      self.from = stop + 1
      return (line:gsub("\r$", ""))
    elseif #self.buffer - self.from > LONGEST_LINE or not self:fill() then
      incomplete()
    end
  end
end

-- Between one and `most` bytes.
function reader:some(most)
  if self.from > #self.buffer and not self:fill() then
    incomplete()
  end
  local bytes = self.buffer:sub(self.from, self.from + most - 1)
  self.from = self.from + #bytes
  return bytes
end

function reader:__close()
  if self.source then
    self.source:close()
  end
end

local function read_pieces(source, size, sink)
  while size > 0 do
    local piece = source:some(math.min(size, BLOCK))
    sink(piece)
    size = size - #piece
  end
  if source:line() ~= "" then
    incomplete()
  end
end

local function refuse_signature()
  fault.raise("SignatureDoesNotMatch",
    "The signature of a chunk does not match the one that was calculated.", 403)
end

local function check_chunk(chain, data, given)
  local want = sigv4.chunk_signature(chain.signer, chain.previous, digest.sha256(data))
  if not sigv4.same(want, given) then
    refuse_signature()
  end
  chain.previous = want
end

-- One chunk; returns its size. With a chain of signatures the chunk is whole in memory once.
local function read_chunk(source, chain, sink)
  local size_text, extension = source:line():match "^(%x+)(.*)$"
  local size = size_text and #size_text <= 12 and tonumber(size_text, 16) or incomplete()
  if not chain then
    if size > 0 then
      read_pieces(source, size, sink)
    end
    return size
  end
  local given = extension:match "^;chunk%-signature=(%x+)$" or incomplete()
  if size > LARGEST_SIGNED then
    fault.raise("InvalidChunkSizeError", "laconic local takes signed chunks up to 64 MiB")
  end
  local pieces = {}
  if size > 0 then
    read_pieces(source, size, function(piece)
      table.insert(pieces, piece)
    end)
  end
  local data = table.concat(pieces)
  check_chunk(chain, data, given)
  sink(data)
  return size
end

local function read_trailers(source, chain)
  local trailers, signed, count = {}, {}, 0
  local signature
  while true do
    local line = source:line()
    if line == "" then
      break
    end
    local name, value = line:match "^([^:%s]+)%s*:%s*(.-)%s*$"
    count = count + 1
    if not name or count > MOST_TRAILERS then
      incomplete()
    end
    name = name:lower()
    if name == "x-amz-trailer-signature" then
      signature = value
    else
      trailers[name] = value
      table.insert(signed, name .. ":" .. value .. "\n")
    end
  end
  if chain then
    local sha256 = digest.sha256(table.concat(signed))
    local want = sigv4.trailer_signature(chain.signer, chain.previous, sha256)
    if not signature or not sigv4.same(want, signature) then
      refuse_signature()
    end
  end
  return trailers
end

-- Where the decoded bytes go: a text beside a text, a file beside a file.
local function open_sink(request)
  if not request.body_file then
    local parts = {}
    return function(piece)
      table.insert(parts, piece)
    end, function()
      request.body = table.concat(parts)
    end
  end
  local path = request.body_file .. "-decoded"
  local out = assert(io.open(path, "wb"))
  return function(piece)
    assert(out:write(piece))
  end, function(failed)
    assert(out:close())
    assert(file.remove(failed and path or request.body_file))
    request.body_file = not failed and path or request.body_file
  end
end

local function check_length(request, length)
  local declared = request:header "x-amz-decoded-content-length"
  if not declared then
    fault.raise("MissingContentLength", "You must provide x-amz-decoded-content-length", 411)
  elseif math.tointeger(tonumber(declared)) ~= length then
    fault.raise("IncompleteBody",
      "The body does not have the bytes that x-amz-decoded-content-length declares")
  end
end

local function check_declared(request, trailers)
  for name in (request:header "x-amz-trailer" or ""):gmatch "[^,%s]+" do
    if not trailers[name:lower()] then
      fault.raise("MalformedTrailerError", "The request contained trailing data that was not"
        .. " well-formed or did not conform to our published schema.")
    end
  end
end

local function decode(request, form, chain, sink)
  local source <close> = reader.open(request)
  local length = 0
  repeat
    local size = read_chunk(source, chain, sink)
    length = length + size
  until size == 0
  check_length(request, length)
  if form.trailer then
    request.trailers = read_trailers(source, chain)
    check_declared(request, request.trailers)
  elseif source:line() ~= "" then
    incomplete()
  end
end

--- Decodes a body in the request's place, checks its signatures, and notes its trailers in
--- `request.trailers`. Their checksums are S3's to check: see checksum.lua.
---@param request engine.local.Request
---@param payload string       the value of x-amz-content-sha256
---@param signer host.sigv4.Signer
---@param seed string          the request's own signature: the chain's first
function chunked.decode(request, payload, signer, seed)
  local form = FORMS[payload]
  if not form then
    fault.raise("NotImplemented", "laconic local does not take the payload form " .. payload, 501)
  end
  local chain = form.signed and { signer = signer, previous = seed } or nil
  local sink, finish = open_sink(request)
  local ok, problem = pcall(decode, request, form, chain, sink)
  finish(not ok)
  if not ok then
    error(problem, 0)
  end
  request.decoded = true
end

return chunked
