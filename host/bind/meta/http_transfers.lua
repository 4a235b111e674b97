---@meta host.http_transfers

--- HTTP out beside whatever else a program does: requests are begun, a file descriptor tells that one
--- may have ended, and nothing waits. What else holds is told in host.http; redirects are not followed.
---
---     local transfers <close> = assert(http_transfers.open())
---     local id = assert(transfers:start { url = "http://127.0.0.1:8080/", timeout = 5 })
---     while true do
---       assert(poll.wait { transfers:fd() })
---       for ended, response, err in transfers.next, transfers do
---         print(ended == id, response and response.status or err)
---       end
---     end
---@class host.http_transfers.Transfers
local transfers = {}

local http_transfers = {}

--- Makes a set of transfers, with connections of its own, which are kept and used again. Closed by
--- `close`, by a to-be-closed variable, or by the collector.
---@return host.http_transfers.Transfers handle
---@return table? err
function http_transfers.open() end

--- Readable when `next` has something to do; see host.poll.
---@return integer fd
function transfers:fd() end

---@class host.http_transfers.Request
---@field method? string           default "GET", or "POST" with a body
---@field url string
---@field headers? table           list of { name, value } or a map (sent in byte order); at most 256
---@field body? string
---@field connect_timeout? number  seconds; default 10
---@field timeout? number          seconds for the whole exchange; default 300
---@field max_body? integer        bytes of the answer; default 64 MiB
---@field proxy? string            default: as the environment says

--- Begins a request.
---@param request host.http_transfers.Request
---@return integer id
---@return table? err  kind "input": it cannot be sent
function transfers:start(request) end

---@class host.http_transfers.Response
---@field status integer
---@field headers { [1]: string, [2]: string }[]  in wire order, names as they came
---@field body string
---@field seconds number

--- Goes on with what can go on, and returns one that has ended; nil when none has: then wait for `fd`.
---@return integer? id
---@return host.http_transfers.Response? response  or nil and an error, as host.http's
---@return table? err
function transfers:next() end

--- Breaks a request off: `next` does not return it. One that has ended is no mistake.
---@param id integer
function transfers:drop(id) end

function transfers:close() end

return http_transfers
