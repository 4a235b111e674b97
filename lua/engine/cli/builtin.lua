--- The commands that laconic itself brings: the files of engine/commands.
local folder = require "engine.folder"

local builtin = {}

local COMMANDS <const> = "engine.commands"

--- A command by its word; nil when there is none.
---@param word string
---@return table?
function builtin.find(word)
  return not word:find("_", 1, true) and folder.find(COMMANDS, word) or nil
end

--- The words of all commands, sorted.
---@return string[]
function builtin.words()
  local words = {}
  for _, name in ipairs(folder.names(COMMANDS)) do
    table.insert(words, (name:gsub("_", "-")))
  end
  return words
end

return builtin
