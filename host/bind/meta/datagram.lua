---@meta host.datagram

--- UDP to an agent on this machine, such as X-Ray's daemon: sent and forgotten.
local datagram = {}

--- Sends one datagram. Never waits, and does not tell whether it arrived.
---@param address string  "127.0.0.1:2000": a number of loopback or link-local, and a port
---@param bytes string    65,507 at most
---@return true? done     or nil and an error: kind "input" for another address, "limit", "network"
---@return table? err
function datagram.send(address, bytes) end

return datagram
