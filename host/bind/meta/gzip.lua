---@meta host.gzip

--- Opens what was compressed with gzip (RFC 1952): what CloudWatch Logs sends. Nothing is packed here.
local gzip = {}

--- What a gzip text holds; several members, one after another, are one text. Its checksum and its size
--- are verified.
---@param bytes string
---@param options? { max_bytes?: integer }  of the result; default 64 MiB, at most 1 GiB
---@return string bytes  nil with an error of kind "input" (no gzip, cut, damaged), or of kind "limit"
---  when it would open to more
---@return table? err
function gzip.decompress(bytes, options) end

return gzip
