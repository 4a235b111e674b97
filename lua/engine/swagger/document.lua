--- Reads an API description: Swagger 2.0 or OpenAPI 3 in JSON or YAML, within bounds. Whether it is a
--- valid one, engine.swagger.validate tells.
local failure = require "engine.failure"
local file = require "host.file"
local json = require "host.json"
local place = require "engine.swagger.place"
local problems = require "engine.swagger.problems"
local yaml = require "host.yaml"

local document = {}

local MOST_BYTES <const> = 6 * 1024 * 1024 -- what API Gateway imports
local MOST_DEPTH <const> = 100
local CODE <const> = "E219"

--- How the names of descriptions end, without the dot.
document.EXTENSIONS = { "json", "yaml", "yml" }

local function refuse(where, message, cause, hint)
  failure.raise("invalid", message, { code = CODE, where = where, cause = cause, hint = hint })
end

-- A description in YAML begins with a word and a colon.
local function looks_like_yaml(text)
  return text:match "^%s*[\"']?[%a][%w%-]*[\"']?%s*:" or text:match "^%-%-%-" or text:match "^#"
end

local function read_json(text, path)
  local value, err = json.decode(text, { max_depth = MOST_DEPTH, duplicates = false })
  if err and err.path then
    problems.raise(path, place.of(table.unpack(err.path)), "is there twice", "take one out", CODE)
  elseif err then
    local hint = looks_like_yaml(text) and "it looks like YAML: end its name in .yaml" or nil
    refuse(path, "the API description is not JSON", err, hint)
  end
  return value
end

local function read_yaml(text, path)
  local value, err = yaml.decode(text, { max_bytes = MOST_BYTES, max_depth = MOST_DEPTH })
  if err then
    local where = err.line and ("%s:%d"):format(path, err.line) or path
    refuse(where, "the API description is not YAML that can be taken", err)
  end
  return value
end

local READERS <const> = { json = read_json, yaml = read_yaml, yml = read_yaml }

-- By its name; where that tells nothing, by how it begins.
local function reader_of(text, path)
  local by_name = READERS[(path:match "%.(%a+)$" or ""):lower()]
  return by_name or looks_like_yaml(text) and read_yaml or read_json
end

--- Reads one from a text.
---@param text string
---@param path string  what it is called in messages; tells JSON from YAML
---@return table
function document.parse(text, path)
  local value = reader_of(text, path)(text, path)
  if type(value) ~= "table" or json.is_array(value) then
    refuse(path, "the API description is no object")
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
