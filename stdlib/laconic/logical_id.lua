--- Names of functions and roles → the readable part of their logical ids.
---@module "laconic.logical_id"
local logical_id = {}

-- "send-mail" → "SendMail": the words of a name, each with a capital.
local function pascal(name)
  return (name:gsub("^%l", string.upper):gsub("[-_]+(%w)", string.upper):gsub("[-_]", ""))
end

-- Whether `name` is lower-case words with that separator: then nothing is lost in pascal form.
local function is_words(name, separator)
  return name:gsub("^%l[%l%d]*", ""):gsub(separator .. "%l[%l%d]*", "") == ""
end

local function is_plain(name)
  return name:match "^%w+$" or is_words(name, "-") or is_words(name, "_")
end

--- "send-mail" → "SendMail", to which "Function", "Role" and "Logs" are added. What such a form
--- cannot show is told by a hash of the name. It depends on the name alone: what else is in the file,
--- and in which order, never changes the id of what is deployed already.
---@param name string
---@return string stem
function logical_id.stem(name)
  local stem = pascal(name)
  return is_plain(name) and stem or stem .. require("host.digest").sha256(name):sub(1, 8)
end

return logical_id
