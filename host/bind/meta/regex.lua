---@meta host.regex

--- Regular expressions as AWS's Java has them. Not for handlers: the runtime in archives has none.
---
--- Matching is bounded: a pattern that backtracks without end gives nil and an error of kind `limit`.
--- What Java and PCRE2, which works here, would read in different ways is refused: a class inside a
--- class, `&&` in a class.
local regex = {}

--- Compiles a pattern of at most 16 KiB. The error tells the byte.
---@param pattern string
---@return host.regex.Regex regex  or nil and an error
---@return table? err
function regex.compile(pattern) end

---@class host.regex.Regex
local Re = {}

--- Whether the pattern matches the whole text.
---@param text string
---@return boolean matches  or nil and an error
---@return table? err
function Re:matches(text) end

--- Looks for the first match at byte `init` or later. Gives its first and last byte (`last` is
--- `first - 1` when it is empty) and the text of each group, false for one that took no part.
---@param text string
---@param init? integer
---@return integer? first  nil when there is none, or nil and an error
---@return integer? last
---@return string|false ...
function Re:find(text, init) end

--- The text with every match replaced. `$1` is a group, `${name}` a named one; a backslash takes the
--- next character as it is. A group that does not exist is an error.
---@param text string
---@param replacement string
---@return string text  or nil and an error
---@return table? err
function Re:replace_all(text, replacement) end

--- The same for the first match alone.
---@param text string
---@param replacement string
---@return string text  or nil and an error
---@return table? err
function Re:replace_first(text, replacement) end

return regex
