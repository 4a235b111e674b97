-- Small API descriptions for the tests beside this file.
local json = require "host.json"

local described = {}

--- A response of an operation.
function described.responses()
  return { ["200"] = { description = "ok" } }
end

--- An operation with those parameters.
function described.operation(parameters, more)
  local operation = { responses = described.responses() }
  if parameters then
    operation.parameters = json.array(parameters)
  end
  for name, value in pairs(more or {}) do
    operation[name] = value
  end
  return operation
end

--- A parameter of a path.
function described.in_path(name, type)
  return { name = name, ["in"] = "path", required = true, type = type or "string" }
end

--- A parameter of a query.
function described.in_query(name, type, more)
  local parameter = { name = name, ["in"] = "query", type = type or "string" }
  for field, value in pairs(more or {}) do
    parameter[field] = value
  end
  return parameter
end

--- A body.
function described.body(name)
  return { name = name, ["in"] = "body", schema = { type = "object" } }
end

--- A document with those paths, as it would have been read.
function described.document(paths, more)
  local document = {
    swagger = "2.0",
    info = { title = "test", version = "1" },
    paths = paths,
  }
  for name, value in pairs(more or {}) do
    document[name] = value
  end
  return assert(json.decode(assert(json.encode(document))))
end

return described
