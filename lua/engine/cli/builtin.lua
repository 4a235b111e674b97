--- The commands that laconic itself brings: the files of engine/commands.
local builtin = {}

local PREFIX = "engine.commands."

local function has_module(name)
  for _, searcher in ipairs { package.searchers[1], package.searchers[2] } do
    if type(searcher(name)) == "function" then
      return true
    end
  end
  return false
end

--- A command by its word; nil when there is none.
---@param word string
---@return table?
function builtin.find(word)
  if word:match "^%l[%l%-]*$" then
    local name = PREFIX .. word:gsub("-", "_")
    if has_module(name) then
      return require(name)
    end
  end
end

--- The words of all commands, sorted.
---@return string[]
function builtin.words()
  local words = {}
  for _, name in ipairs(require("host.scripts").list(PREFIX)) do
    table.insert(words, (name:sub(#PREFIX + 1):gsub("_", "-")))
  end
  return words
end

return builtin
