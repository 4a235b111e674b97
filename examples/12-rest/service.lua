-- Todos behind a REST API: a path for the list, one for each todo, a function for each verb, each with
-- the rights that it needs and no more.
local laconic = require "laconic"
local response = require "laconic.response"
local todos = require "todos"

local service = laconic.service { name = "todos", description = "Keeps what is to be done" }

local store = service:resource { name = "Store", type = "AWS::S3::Bucket" }
local objects = store.arn .. "/todos/*"

local api = service:rest_api { name = "todos", stage = "v1", cors = true }

local todo = api:model {
  name = "Todo",
  schema = {
    type = "object",
    required = { "title" },
    properties = {
      title = { type = "string", pattern = "[A-Za-z0-9]", maxLength = 80 },
      done = { type = "boolean" },
    },
    additionalProperties = false,
  },
}

local function not_found(id)
  return response.error(404, "there is no todo '" .. id .. "'")
end

local list = service:lambda {
  name = "list",
  environment = { STORE = store.ref },
  privileges = {
    { actions = "s3:ListBucket", resource = store.arn },
    { actions = "s3:GetObject", resource = objects },
  },
  handler = function(event)
    return response.new(200, todos.all(event.queryParams.done))
  end,
}

local add = service:lambda {
  name = "add",
  environment = { STORE = store.ref, URL = api.url },
  privileges = { { actions = "s3:PutObject", resource = objects } },
  handler = function(event)
    local id = todos.add(event.body)
    if not id then
      return response.error(409, "there is such a todo already")
    end
    return response.new(201, { id = id }, { Location = os.getenv "URL" .. "/todos/" .. id })
  end,
}

local show = service:lambda {
  name = "show",
  environment = { STORE = store.ref },
  privileges = {
    { actions = "s3:GetObject", resource = objects },
    { actions = "s3:ListBucket", resource = store.arn }, -- else S3 does not tell that none is there
  },
  handler = function(event)
    local found = todos.get(event.pathParams.id)
    return found and response.new(200, found) or not_found(event.pathParams.id)
  end,
}

local change = service:lambda {
  name = "change",
  environment = { STORE = store.ref },
  privileges = {
    { actions = { "s3:GetObject", "s3:PutObject" }, resource = objects },
    { actions = "s3:ListBucket", resource = store.arn },
  },
  handler = function(event)
    local id = event.pathParams.id
    return todos.change(id, event.body) and response.new(204) or not_found(id)
  end,
}

local remove = service:lambda {
  name = "remove",
  environment = { STORE = store.ref },
  privileges = { { actions = "s3:DeleteObject", resource = objects } },
  handler = function(event)
    todos.remove(event.pathParams.id)
    return response.new(204)
  end,
}

api:method { path = "/todos", verb = "GET", lambda = list, query = { done = "optional" } }
api:method {
  path = "/todos",
  verb = "POST",
  lambda = add,
  model = todo,
  content_types = { "application/json" },
  status = 201,
  statuses = { 400, 409 },
}
api:method { path = "/todos/{id}", verb = "GET", lambda = show, statuses = { 404 } }
api:method {
  path = "/todos/{id}",
  verb = "PUT",
  lambda = change,
  model = todo,
  content_types = { "application/json" },
  status = 204,
  statuses = { 400, 404 },
}
api:method { path = "/todos/{id}", verb = "DELETE", lambda = remove, status = 204 }

return service
