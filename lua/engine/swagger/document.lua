--- Reads an API description: JSON of Swagger 2.0 or OpenAPI 3.0, within bounds. Whether it is a valid
--- one, engine.swagger.validate tells.
local failure = require "engine.failure"
local file = require "host.file"
local json = require "host.json"

local document = {}

local MOST_BYTES <const> = 6 * 1024 * 1024 -- what API Gateway imports
local MOST_DEPTH <const> = 100

local function refuse(path, message, cause, hint)
  failure.raise("invalid", message, { code = "E219", where = path, cause = cause, hint = hint })
end

-- A description in YAML begins with a word and a colon.
local function looks_like_yaml(text)
  return text:match "^%s*[\"']?[%a][%w%-]*[\"']?%s*:" or text:match "^%-%-%-" or text:match "^#"
end

--- Reads one from a text.
---@param text string
---@param path string  what it is called in messages
---@return table
function document.parse(text, path)
  local value, err = json.decode(text, { max_depth = MOST_DEPTH })
  if err then
    local hint = looks_like_yaml(text) and "it looks like YAML: convert it to JSON" or nil
    refuse(path, "the API description is not JSON", err, hint)
  elseif type(value) ~= "table" or json.is_array(value) then
    refuse(path, "the API description is no JSON object")
  end
  return value
end

--- Reads one from a file.
---@param path string
---@return table
function document.read(path)
  local text, err = file.read(path, { max_bytes = MOST_BYTES })
  if not text then
    refuse(path, "the API description cannot be read", err)
  end
  return document.parse(text, path)
end

--- As it is printed: keys sorted, indented by 4.
---@param value table
---@return string
function document.text(value)
  return assert(json.encode(value, { indent = 4 })) .. "\n"
end

return document
