---@meta host.profile

--- AWS's configuration files (~/.aws/config, ~/.aws/credentials): sections, keys, nested values.
local profile = {}

--- Reads the text of such a file. Section names are as written, "profile " removed in config files
--- ("default" stays); keys lower-case; a nested block becomes a table; sections of other kinds are
--- skipped. White space and then # or ; begin a comment, behind a value too.
---@param text string  at most 1 MiB
---@param kind "config"|"credentials"
---@return table<string, table<string, any>> sections  also ["sso-session"] = { name = {} }, services = { name = {} }
---@return table? err  kind "input", with the line number and never the line, or "limit"
function profile.parse(text, kind) end

return profile
