---@meta host.vtl

--- Mapping templates as API Gateway has them: Velocity 1.7, `$input`, `$util`, `$context` and
--- `$stageVariables`. docs/mapping-templates.md tells the dialect. Not for handlers.
---
---     local vtl = require "host.vtl"
---     local template = assert(vtl.compile '{"who": $input.json("$.name"), "id": "$input.params("id")"}')
---     print(template:render { body = '{"name":"Ann"}', params = { path = { id = "7" } } })
---     --> {"who": "Ann", "id": "7"}  nil
---
--- Everything is bounded: a template of more than 300 KB, one that takes more than five million
--- steps or 64 MB, or makes more than 10 MB, is an error of kind `limit`. Errors begin with the line
--- and the column of the template.
local vtl = {}

--- What a template is rendered with. A map is a table by names, taken in the order of their bytes, or
--- a list of `{ name, value }`, which keeps its order. Of a table by names, only those are read that
--- the template asks for: of `$context.identity.sourceIp` one field of one table.
---@class host.vtl.Values
---@field body? string  `$input.body`, JSON or not; none reads `{}`
---@field params? { path?: table, querystring?: table, header?: table }  `$input.params()`
---@field context? table  `$context`
---@field stage_variables? table  `$stageVariables`
---@field output_most? integer  bytes; at most, and by default, 10 MiB
---@field steps_most? integer  at most, and by default, five million

--- Compiles a template, to be rendered many times. It keeps up to 64 KiB of the memory of a rendering
--- for the next one.
---@param text string
---@return host.vtl.Template template  or nil and an error
---@return table? err
function vtl.compile(text) end

---@class host.vtl.Template
local template = {}

--- Renders the template. The second value is what it has set in `$context`: `requestOverride`
--- (`header`, `path`, `querystring`), `responseOverride` (`header`, `status`) and keys of its own;
--- nil when it has set nothing. Nulls in it are json.null, numbers beyond 64 bits strings.
---@param values host.vtl.Values
---@return string text  or nil and an error
---@return table? changed
function template:render(values) end

return vtl
