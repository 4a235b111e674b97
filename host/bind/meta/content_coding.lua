---@meta host.content_coding

--- HTTP's content codings "gzip" (RFC 1952) and "deflate" (RFC 1950, as zlib writes it): bodies packed and
--- opened whole. Of the host alone; handlers have `host.gzip`.
local content_coding = {}

--- Packs bytes. The same bytes give the same result: it holds no time.
---@param bytes string
---@param coding "gzip"|"deflate"
---@param options? { level?: integer }  1 (fast) to 12 (small), default 6
---@return string packed
---@return table? err
function content_coding.pack(bytes, coding, options) end

--- What a packed body holds. Its checksum is verified.
---@param packed string
---@param coding "gzip"|"deflate"
---@param options? { max_bytes?: integer }  of the result; default 64 MiB, at most 1 GiB
---@return string bytes  nil with an error of kind "input" (of another coding, cut, damaged), or of kind
---  "limit" when it would open to more
---@return table? err
function content_coding.open(packed, coding, options) end

return content_coding
