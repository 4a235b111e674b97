--- Which of the two a document is written in: Swagger 2.0 or OpenAPI 3.0. Each is a file that knows
--- where that one keeps things, so that processing is one and the same for both.
local dialect = {}

--- A parameter of an operation, whichever way it was written.
---@class engine.swagger.Parameter
---@field name string
---@field location "path"|"query"|"body"|string
---@field type? string            of a value: "string", "integer", …; of a body, its schema's if it has one
---@field default any
---@field required boolean
---@field items? string           of an array: the type of its items
---@field separator? string       of an array: what stands between them; default ","
---@field is_exploded? boolean    each item, or property, is sent by a name of its own
---@field is_json? boolean        in the URL it is JSON, whatever its type
---@field style? string           "deepObject", …
---@field media? string[]         of a body that is no JSON: what it is
---@field schema? table           of a body, and of JSON
---@field here engine.swagger.Place

---@class engine.swagger.Dialect
---@field shapes table<string, table>
---@field DEFINITIONS string[]    where schemas are defined
---@field JOINED string           what lets the items of a list travel as one text
---@field definitions fun(document: table): table?
---@field security_definitions fun(document: table): table?
---@field define_schema fun(document: table, name: string, schema: table)  unless it is there
---@field define_security fun(document: table, name: string, scheme: table)
---@field parameters fun(document: table, operation: table, item: table, here: engine.swagger.Place):
---  engine.swagger.Parameter[]
---@field response fun(description: string, schema: string): table  whose body is that definition
---@field result_schema fun(document: table, operation: table): table?  of what it returns
---@field header fun(): table     a header that is a text
---@field path_parameter fun(name: string): table

--- The dialect of a document; nil and why when it is in neither.
---@param document table
---@return engine.swagger.Dialect?
---@return string? problem
function dialect.of(document)
  if document.swagger ~= nil then
    return require "engine.swagger.swagger_2"
  elseif document.openapi ~= nil then
    return require "engine.swagger.openapi_3"
  end
  return nil, "says neither 'swagger' nor 'openapi'"
end

return dialect
