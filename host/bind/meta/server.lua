---@meta host.server

--- HTTP in, over libmicrohttpd, on loopback alone. One thread: whole requests are handed out by `next`,
--- and answered, in any order and whenever, by `respond`. Until then their connection waits.
---@class host.server.Options
---@field host? string          "127.0.0.1" (default), any 127.x.y.z, or "::1"; anything else is refused
---@field port? integer         0 (default): any free one
---@field max_body? integer     bytes; default 64 MiB; above: 413
---@field spool? string         a folder: bodies above `spool_over` go to files in it
---@field spool_over? integer   bytes; default 1 MiB
---@field max_connections? integer  default 1,024
---@field idle_timeout? integer seconds an idle connection is kept; default 60; waiting for `respond` does not count

---@class host.server.Request
---@field id integer            for `respond`
---@field method string
---@field target string         as on the request line: path and query
---@field path string           as on the request line, without the query
---@field query? string         as on the request line
---@field headers { [1]: string, [2]: string }[]  in wire order, names as sent
---@field body? string          absent when it was spooled
---@field body_file? string     the spooled body; the receiver removes it
---@field peer string           "127.0.0.1:51234"

---@class host.server.Server
local server = {}

---@param options? host.server.Options
---@return host.server.Server handle
---@return table? err  code "EADDRINUSE"
function server.listen(options) end

---@return integer
function server:port() end

--- Readable when `next` may have work; see host.poll. Connections' time-outs need `next` too: call it
--- at least every second.
---@return integer fd
function server:fd() end

--- Serves what is waiting, without blocking, and returns the next whole request, or nil.
---@return host.server.Request? request
function server:next() end

--- Answers. False when the caller has gone meanwhile.
---@param id integer
---@param response { status: integer, headers?: table, body?: string, body_file?: { path: string, offset?: integer, length?: integer, remove?: boolean }, head?: boolean }
---  head = true sends Content-Length of the body but no body
---@return boolean delivered
function server:respond(id, response) end

--- Whether the caller of that request is still connected.
---@return boolean
function server:connected(id) end

--- Begins an answer of unknown length (chunked); then `write`, then `finish`.
function server:start(id, response) end
---@return boolean delivered
function server:write(id, bytes) end
---@return boolean delivered
function server:finish(id) end

function server:close() end

return server
