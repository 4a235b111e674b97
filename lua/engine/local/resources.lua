--- The resource types that this cloud acts out: one file of engine/local/resources each, named after
--- the type (AWS::Logs::LogGroup: logs_log_group.lua). Every other type is recorded only.
local folder = require "engine.folder"
local recorded = require "engine.local.recorded"

local resources = {}

--- One resource to be made, changed or taken away.
---@class engine.local.Job
---@field cloud engine.local.Cloud
---@field region string
---@field account string
---@field stack { id: string, name: string }
---@field logical_id string
---@field type string
---@field properties table       evaluated
---@field previous? table        update: the properties as they were
---@field attempted? table      update: what an update that is taken back had wanted
---@field physical_id? string    update, delete
---@field attributes? table      update, delete: what create gave
---@field generation integer     grows with each replacement, so that generated names do too
---@field resumed boolean        the cloud was killed meanwhile: what create would make may be there
---@field tags { Key: string, Value: string }[]  the stack's, and CloudFormation's own
---@field wait fun(event: engine.local.Event, seconds: number): boolean  false when the operation is halted
---@field hide fun(is_hidden: boolean)  says that its attributes are not to be shown
---@field claim fun(physical_id: string)  create: by what it is deleted, though its creation fails

--- How a type is acted out. `create` and `update` return the physical id and the attributes; an update
--- that returns another physical id has made a new resource, and the old one is deleted later.
---@class engine.local.Resource
---@field replacement table<string, true|"conditionally">  properties whose change needs a new resource
---@field name_property? string      the property that names it
---@field taggable? boolean          the stack's tags reach it
---@field recorded? boolean          nothing is done but to remember it
---@field note? fun(properties: table, cloud: engine.local.Cloud): string?  what is said of it when it is made
---@field custom? boolean            an update may change its attributes
---@field create fun(job: engine.local.Job): string, table?
---@field update? fun(job: engine.local.Job): string?, table?
---@field delete fun(job: engine.local.Job)
---@field attribute? fun(record: table, name: string, job: engine.local.Job): any  what `attributes` lack

local TYPES <const> = "engine.local.resources"
local CUSTOM <const> = "cloudformation_custom_resource"

-- AWS::Logs::LogGroup → logs_log_group
local function file_of(type_name)
  if type_name:find "^Custom::" then
    return CUSTOM
  end
  local service, kind = type_name:match "^AWS::(%w+)::(%w+)$"
  if not service then
    return nil
  end
  return service:lower() .. "_" .. kind:gsub("(%l)(%u)", "%1_%2"):lower()
end

--- How a type is acted out.
---@param type_name string
---@return engine.local.Resource
function resources.of(type_name)
  local file = file_of(type_name)
  return file and folder.find(TYPES, file) or recorded.of(type_name)
end

return resources
