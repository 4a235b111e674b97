---@meta host.uri

--- Percent-encoding as AWS has it (RFC 3986 unreserved characters stay), and URLs taken apart.
local uri = {}

--- Encodes everything but A-Z a-z 0-9 - . _ ~ and the characters in `keep` (say "/").
---@param text string
---@param keep? string
---@return string
function uri.encode(text, keep) end

--- Decodes %XX; with `plus`, + is a space. A malformed escape is an error.
---@param text string
---@param plus? boolean
---@return string text  or nil and an error
---@return table? err
function uri.decode(text, plus) end

--- Takes an absolute http(s) URL apart. `host` has no brackets, `port` is the scheme's when absent;
--- `authority` is what a Host header says (port only when it is not the scheme's).
--- Refused: white space, control characters, a fragment. The error never repeats the URL.
---@return { scheme: string, host: string, port: integer, authority: string, path: string, query?: string, userinfo?: string } parts
---@return table? err
function uri.parse(url) end

--- A query string → list of { name, value }, decoded (+ is a space), in order. `a` alone has the
--- value "".
---@return table list  or nil and an error
---@return table? err
function uri.parse_query(query) end

--- A map or a list of pairs → query string; map keys in byte order. Values are strings or numbers.
---@param pairs table<string, string|number>|{ [1]: string, [2]: string|number }[]  at most 10,000
---@return string
function uri.build_query(pairs) end

return uri
