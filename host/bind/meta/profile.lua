---@meta host.profile

--- AWS's configuration files (~/.aws/config, ~/.aws/credentials): sections, keys, nested values.
local profile = {}

--- Reads the text of such a file. Section names are as written, "profile " removed in config files
--- ("default" stays); keys lower-case; a nested block becomes a table.
---@param text string  at most 1 MiB
---@param kind "config"|"credentials"
---@return table<string, table<string, any>> sections  also ["sso-session"] = { name = {} }, services = { name = {} }
---@return table? err  kind "input", with the line number
function profile.parse(text, kind) end

return profile
