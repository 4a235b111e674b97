---@meta host.websocket

--- WebSockets (RFC 6455): the client's end is made here, a server's by host.server's `upgrade`. One
--- thread: nothing but `connect` waits.
---
---     local socket <close> = assert(websocket.connect { url = "ws://127.0.0.1:4566/_apis/a1b2/dev" })
---     socket:send '{"action":"say"}'
---     poll.wait({ socket:fd() }, 10)
---     local kind, data = socket:next()
---
--- Pings are answered and a close frame is echoed by itself. No extension is spoken, so nothing is
--- compressed.
local websocket = {}

---@class host.websocket.Options
---@field url string            ws://…; wss:// is refused
---@field headers? { [1]: string, [2]: string }[]  of the handshake; at most 32
---@field timeout? number       seconds for connection and handshake; default 10
---@field max_frame? integer    bytes of a received frame; default 1 MiB
---@field max_message? integer  bytes of a received message; default 1 MiB

---@class host.websocket.Websocket
local handle = {}

--- Connects and shakes hands. A server that refuses is an error of kind "service" with its status.
---@param options host.websocket.Options
---@return host.websocket.Websocket? websocket
---@return table? err
function websocket.connect(options) end

--- Readable when `next` has something to do; see host.poll.
---@return integer fd
function handle:fd() end

--- The next message, or nil when none is there yet; ask until then before waiting. The end is "close",
--- with the reason and the code of the other side's close frame (1005: it had none; 1006: there was
--- none), and comes again and again.
---@return "text"|"binary"|"ping"|"pong"|"close"|nil kind
---@return string? data
---@return integer? code  of "close"
function handle:next() end

--- Sends a message. False when the connection has ended, or more than 1 MiB waits to be taken.
---@param data string
---@param kind? "text"|"binary"|"ping"|"pong"  default "text"; 125 bytes of the last two are sent
---@return boolean sent
function handle:send(data, kind) end

--- Sends a close frame; the other side's, or its end, comes by `next`. False when it had ended.
---@param code? integer    default 1000; 1005, 1006 and others that may not be sent raise
---@param reason? string   at most 123 bytes
---@return boolean sent
function handle:finish(code, reason) end

--- How many bytes were sent that the other side has not taken yet.
---@return integer
function handle:ahead() end

--- Drops the connection.
function handle:close() end

return websocket
