---@meta host.template

--- CloudFormation templates: a table → canonical JSON, and what CloudFormation would refuse.
---@class host.template.Problem
---@field kind "reference"|"limit"|"shape"|"cycle"
---@field path string      "Resources.Fn.Properties.Role"; "the template" for the whole
---@field message string
---@field resource? string the logical id it belongs to

local template = {}

--- Marshals: sections in CloudFormation's order (AWSTemplateFormatVersion, Description, Metadata,
--- Parameters, Rules, Mappings, Conditions, Transform, Resources, Outputs), a resource's own keys in
--- theirs (Type, Condition, DependsOn, CreationPolicy, UpdatePolicy, DeletionPolicy,
--- UpdateReplacePolicy, Properties, Metadata), every other key in byte order; two spaces, and a newline
--- at the end. What would be more than 1,000,000 bytes has no white space instead. Tables are read as
--- `host.json` reads them.
---@param value table
---@return string text  nil with an error of kind "input" that names the path
---@return table? err
function template.marshal(value) end

--- What CloudFormation would refuse: Ref, GetAtt, Sub, DependsOn, Condition, FindInMap that lead
--- nowhere; a circular dependency (shortest loop); more than 500 resources, 200 parameters, 200
--- mappings, 200 outputs, 1 MB (1,000,000 bytes), names too long, a resource without Type.
--- Empty when there is nothing to say. Sorted by path. When there is a Transform, names that it may
--- add are not problems.
---@param value table
---@param text? string  what `marshal` gave, to measure; made when absent
---@return host.template.Problem[] problems
---@return table? err
function template.problems(value, text) end

--- Both at once, from one reading of the table: what `marshal` gives, and what `problems` finds in it.
---@param value table
---@return string text  nil and an error of kind "input" when it cannot be written
---@return host.template.Problem[] problems
function template.render(value) end

--- The ids that a resource's definition refers to, sorted: Ref, GetAtt, Sub, DependsOn.
---@param definition table
---@return string[] names
---@return table? err
function template.references(definition) end

return template
