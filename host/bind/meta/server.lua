---@meta host.server

--- HTTP in, on loopback alone. One thread: whole requests are handed out by `next`, and answered, in
--- any order and whenever, by `respond`. Until then their connection waits.
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
---@field target string         as on the request line: path and query. Of a whole URI, as proxies are
---  asked for, what follows its host, which the header Host then is
---@field path string           as on the request line, without the query
---@field query? string         as on the request line
---@field headers { [1]: string, [2]: string }[]  in wire order, names as sent
---@field trailers? { [1]: string, [2]: string }[]  what stood behind a chunked body, when there was something
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
--- at least every second. Readable, too, when the reader of a streamed answer has caught up: that is
--- over once `next` returned nil.
---@return integer fd
function server:fd() end

--- Serves what is waiting, without blocking, and returns the next whole request, or nil: then wait for
--- `fd`, which tells at once of what has come meanwhile.
---@return host.server.Request? request
function server:next() end

---@class host.server.Answer
---@field status integer        200 to 599
---@field headers? table        a list of { name, value } in that order, or a map, sent in order of its names;
---  Content-Length is worked out, and believed only in an answer to HEAD without a body; Connection
---  may say "close"
---@field body? string
---@field body_file? { path: string, offset?: integer, length?: integer, remove?: boolean }
---@field head? boolean         says that this answers HEAD; the request's own method decides: an answer
---  to HEAD gets the Content-Length of its body, and no body

--- Answers, and sends what the socket takes at once. False when the caller is known to have gone, or was
--- answered before; nil and an error when `body_file` cannot be read: the request then still waits.
---@param id integer
---@param response host.server.Answer
---@return boolean? delivered
---@return table? err
function server:respond(id, response) end

--- Whether the caller of that request, not yet answered whole, is still connected.
---@param id integer
---@return boolean
function server:connected(id) end

--- Begins an answer of unknown length (chunked); then `write`, then `finish` or `abort`. All are false when
--- the caller has gone, or is more than 16 MiB behind.
---@param id integer
---@param response host.server.Answer  without a body
---@return boolean delivered
function server:start(id, response) end

---@param id integer
---@param bytes string
---@return boolean delivered
function server:write(id, bytes) end

---@param id integer
---@return boolean delivered
function server:finish(id) end

--- Breaks a begun answer off: what was written is sent, and the caller sees that its end is missing.
---@param id integer
---@return boolean delivered
function server:abort(id) end

--- How many bytes were written that the caller has not taken yet. Who waits while that is much needs
--- little memory; nil when nobody is there to take them.
---@param id integer
---@return integer? bytes
function server:ahead(id) end

---@class host.server.UpgradeOptions
---@field key string              the request's Sec-WebSocket-Key
---@field headers? table          more of the answer: a list of { name, value }, or a map
---@field max_frame? integer      bytes of a received frame; default 1 MiB
---@field max_message? integer    bytes of a received message; default 1 MiB

--- Makes a request's connection a WebSocket, which is then none of the server's. That the client asks
--- for one (GET, its Upgrade, Connection and Sec-WebSocket-Version headers) is for the caller to check.
--- Nil and an error for a key that is none, a request that is answered or of HTTP/1.0, and a client that
--- has gone.
---@param id integer
---@param options host.server.UpgradeOptions
---@return host.websocket.Websocket? websocket
---@return table? err
function server:upgrade(id, options) end

--- Drops every connection.
function server:close() end

return server
