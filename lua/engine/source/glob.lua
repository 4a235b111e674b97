--- Path patterns: `*` and `?` stay within a folder, `**` crosses folders. A leaf, and pure.
---
---     local matches = glob.matcher "templates/**/*.html"
---     matches "templates/mail/welcome.html"  --> true
local glob = {}

--- Whether a path is a pattern.
---@param path string
---@return boolean
function glob.is_pattern(path)
  return path:find "[*?]" ~= nil
end

--- The folder in which everything that can match must be: "templates/" of "templates/*.html".
---@param pattern string
---@return string
function glob.base(pattern)
  return pattern:match("^[^*?]*"):match "^(.*/)" or ""
end

local WILD = { ["**/"] = ".*", ["**"] = ".*", ["*"] = "[^/]*", ["?"] = "[^/]" }

--- A function that says whether a path matches. `**/` also stands for no folder at all.
---@param pattern string
---@return fun(path: string): boolean
function glob.matcher(pattern)
  local parts, at = { "^" }, 1
  while at <= #pattern do
    local wild = pattern:match("^%*%*/", at) or pattern:match("^%*%*", at)
      or pattern:match("^[*?]", at)
    local piece = wild or pattern:match("^[^*?]+", at)
    table.insert(parts, wild and WILD[wild] or (piece:gsub("%p", "%%%0")))
    at = at + #piece
  end
  local expression = table.concat(parts) .. "$"
  return function(path)
    return path:find(expression) ~= nil
  end
end

return glob
