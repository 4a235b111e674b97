---@meta host.runtime_api

--- Lambda's Runtime API, as a cloud serves it to the runtimes that it has started: one socket on
--- 127.0.0.1 for all of them. An instance is admitted under a name; its runtime is told to call
--- `AWS_LAMBDA_RUNTIME_API=127.0.0.1:PORT/NAME`, and who does not know the name is not heard.
---
---     local api = assert(runtime_api.listen())
---     local id = assert(api:admit "k3j4h5")
---     -- start a runtime, and give it an event: it is sent when the runtime asks
---     assert(api:give(id, { request_id = "1-2", arn = arn, trace_id = "", payload = "{}" }))
---     assert(poll.wait { api:fd() })
---     api:turn()
---     for instance, kind, body in api.next, api do
---       print(instance, kind, body)  --> 1 answers {"message":"Hello"}
---     end
---@class host.runtime_api.Api
local api = {}

local runtime_api = {}

---@class host.runtime_api.Options
---@field max_payload? integer  bytes of an answer; default 6 MiB; above: 413 to the runtime

---@param options? host.runtime_api.Options
---@return host.runtime_api.Api handle
---@return table? err
function runtime_api.listen(options) end

---@return integer
function api:port() end

--- Readable when `turn` has something to do; see host.poll.
---@return integer fd
function api:fd() end

--- Lets the runtime that knows `name` call.
---@param name string  letters and digits, at most 128
---@return integer id
---@return table? err  another instance has that name
function api:admit(name) end

--- Drops an instance with its connections: no news of it comes any more.
---@param id integer
function api:dismiss(id) end

---@class host.runtime_api.Event
---@field request_id string     at most 63 bytes
---@field arn string            that was invoked
---@field trace_id string
---@field deadline? integer     milliseconds since 1970
---@field tenant_id? string
---@field client_context? string
---@field payload string

--- Gives an instance its next event: sent at once when its runtime waits, kept until it asks when not.
---@param id integer
---@param event host.runtime_api.Event
---@return true? given
---@return table? err  there is no such instance
function api:give(id, event) end

--- Does what the sockets are ready for; then ask `next` until it returns nil.
function api:turn() end

--- What a runtime said, in this order for each of them:
---
--- * "asks": for its first event, or for another one without a word about the last
--- * "answers", with the body
--- * "oversized": its answer was too large, and refused
--- * "fails", with the body ("" when that was too large) and the type that its header names
--- * "cannot_start", with the same
--- * "streams": there is something to `read`; the body is the answer's Content-Type
---@return integer? id  of the instance
---@return string? kind
---@return string? body
---@return string? error_type
function api:next() end

--- Takes what has come of the answer that an instance streams: "" when there is nothing. It is the
--- last when `ending` comes with it: { broken, error_type?, error_body? }, `broken` when the runtime
--- did not come to its end, the others from its trailers as they were sent. More than 256 KiB that
--- nobody reads make the runtime wait.
---@param id integer
---@return string bytes
---@return { broken: boolean, error_type?: string, error_body?: string }? ending
function api:read(id) end

--- Accepts a stream that has ended, or refuses it (413): what is still to come is skipped.
---@param id integer
---@param fits boolean
function api:finish(id, fits) end

--- Drops every connection.
function api:close() end

return runtime_api
