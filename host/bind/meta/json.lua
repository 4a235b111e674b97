---@meta host.json

--- JSON exactly as RFC 8259 has it: 64-bit integers stay integers, `1` and `1.0` stay apart, NUL and
--- all of Unicode survive, `[]` is not `{}`, and what cannot be said in JSON is named by its path.
---
---     local json = require "host.json"
---     local event = assert(json.decode '{"ids":[9007199254740993],"note":null}')
---     print(event.ids[1], event.note == json.null)  --> 9007199254740993  true
local json = {}

--- JSON's null. Equal to itself alone; `tostring` gives "null". One userdata of the program, so that
--- no metatable is shared with other modules' light userdata.
---@type userdata
json.null = nil

--- Reads one JSON text. Arrays carry `json.array`'s mark, so that `[]` comes back as `[]`. Integers
--- beyond 64 bits become floats; `-0` is the float -0.0; of two members with one name the last wins,
--- unless `duplicates = false` refuses them.
---@param text string
---@param options? { max_depth?: integer, duplicates?: boolean } default 512, at most 4096; default true
---@return any value  nil with an error of kind "input" (line, column and byte in the message; of a name
---  that is there twice its `path`, a list of names and indices), or of kind "limit" for a text that is
---  too deep and a number beyond a double's range
---@return table? err
function json.decode(text, options) end

--- Whether a text is JSON, without making a value of it; what is refused is what `decode` refuses.
---@param text string
---@return true ok  or nil and decode's error
---@return table? err
function json.check(text) end

--- Writes one JSON text. Keys in byte order, so the same value gives the same bytes. Tables are read
--- raw: a metatable other than our two marks has no say. An empty table without a mark is `{}`.
---@param value any  nil, a function, a thread, a cycle, a table with both list items and named fields,
---  a list with holes, NaN, an infinity, a string that is not UTF-8: an error that names the path
---@param options? { indent?: integer, sorted?: boolean }
---  indent: spaces per level, 0 (default) writes one line; sorted: default true
---@return string text  nil with an error of kind "input" (`Resources.Fn.Properties[3]: …`), or of kind
---  "limit" past 512 levels
---@return table? err
function json.encode(value, options) end

--- Marks a table as an array, so that an empty one is written `[]`. Returns it. The mark is a
--- metatable; a table with another one is refused.
---@generic T: table
---@param list T
---@return T
function json.array(list) end

--- Marks a table as an object: whole-number keys are written as names, `{}` stays `{}`. Returns it.
---@generic T: table
---@param object T
---@return T
function json.object(object) end

--- Whether the table carries the mark of `json.array`.
---@return boolean
function json.is_array(value) end

return json
