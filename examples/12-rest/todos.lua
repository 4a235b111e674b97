--- Todos in the bucket that STORE names: an object for each, called after its title.
local json = require "host.json"
local s3 = require "laconic.aws.s3"

local todos = {}

local PREFIX = "todos/"

local function bucket()
  return os.getenv "STORE"
end

local function key_of(id)
  return PREFIX .. id .. ".json"
end

-- "Buy milk!" → "buy-milk"
local function id_of(title)
  return (title:lower():gsub("[^%w]+", "-"):gsub("^%-", ""):gsub("%-$", ""))
end

-- What `call` returns; nil when S3 refuses it with that code.
local function unless(code, call, request)
  local ok, result = pcall(call, request)
  if ok then
    return result
  elseif type(result) == "table" and result.code == code then
    return nil
  end
  error(result, 0)
end

local function put(id, body, if_none_match)
  return {
    bucket = bucket(),
    key = key_of(id),
    body = assert(json.encode { id = id, title = body.title, done = body.done or false }),
    content_type = "application/json",
    if_none_match = if_none_match,
  }
end

--- A todo; nil when there is none.
function todos.get(id)
  local found = unless("NoSuchKey", s3.get, { bucket = bucket(), key = key_of(id) })
  return found and json.decode(found.body)
end

--- All todos, or those alone that are done ("true") or not ("false").
function todos.all(done)
  local list = json.array {}
  for object in s3.list { bucket = bucket(), prefix = PREFIX } do
    local todo = json.decode(s3.get({ bucket = bucket(), key = object.key }).body)
    if not done or tostring(todo.done) == done then
      table.insert(list, todo)
    end
  end
  return list
end

--- Adds one, and returns its id; nil when there is one with such a title.
function todos.add(body)
  local id = id_of(body.title)
  return unless("PreconditionFailed", s3.put, put(id, body, "*")) and id
end

--- Changes one; false when there is none.
function todos.change(id, body)
  if not todos.get(id) then
    return false
  end
  s3.put(put(id, body))
  return true
end

function todos.remove(id)
  s3.delete { bucket = bucket(), key = key_of(id) }
end

return todos
