---@meta host.yaml

--- YAML 1.2 as the values that host.json gives, over libyaml, bounded. Not for handlers: the runtime
--- in archives has none.
---
---     local yaml = require "host.yaml"
---     local value = assert(yaml.decode "paths:\n  /hello: { get: { 200: [], no: 012 } }\n")
---     print(json.encode(value))  --> {"paths":{"/hello":{"get":{"200":[],"no":12}}}}
---
--- What a word without quotes is, the core schema of YAML 1.2 says: `null`, `true`, `12`, `0x1F` and
--- `.5` are values; `no`, `on`, `1_000`, `12:30` and `2001-12-14` are texts. Numbers are as JSON's:
--- integers beyond 64 bits become floats. Names are texts, however they are written: `200` is "200".
--- An alias is a copy of what it stands for, and `<<` joins in the members of other mappings that a
--- mapping has not itself.
---
--- Refused are names that are there twice, tags but those of JSON's values, `.inf` and `.nan`, a second
--- document, a name that is no text, the directives `%TAG` and `%YAML` but of 1.2.
local yaml = {}

--- Reads one document. Lists carry `json.array`'s mark, nulls are `json.null`.
---@param text string  UTF-8; a byte order mark may begin it
---@param limits? { max_bytes?: integer, max_depth?: integer, max_nodes?: integer }
---  of the text and all texts in it, aliases copied; default 16 MiB, 512 (at most 4096), 1,000,000
---@return any value  nil with an error of kind "input" or "limit", whose `line` and `column` the message
---  begins with
---@return table? err
function yaml.decode(text, limits) end

return yaml
