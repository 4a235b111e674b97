--- The access log of a stage: the group that its lines go to, and what a line tells.
local check = require "engine.check"
local json = require "host.json"
local value = require "engine.constructs.parts.value"

local access_log = {}

local RETENTION <const> = 30 -- days

local function group_resource(said, own)
  return {
    Type = "AWS::Logs::LogGroup",
    DeletionPolicy = "Delete",
    UpdateReplacePolicy = "Delete",
    Properties = { LogGroupName = own.name, RetentionInDays = said.retention or RETENTION },
  }
end

--- The settings; nil when there is to be none.
---@param said? boolean|table  laconic.AccessLog
---@param own { id: string, name: any, format: string|table }  the group that the stack makes, unless
---  the author names one; and what a line tells, unless the author says so
---@param add fun(id: string, resource: table)
---@return table?
function access_log.settings(said, own, add)
  if not said then
    return nil
  end
  said = said == true and {} or said
  if not said.group then
    add(own.id, group_resource(said, own))
  end
  local format = said.format or own.format
  if type(format) == "table" and not check.is_intrinsic(format) then
    format = assert(json.encode(format))
  end
  return { DestinationArn = said.group or value.att(own.id, "Arn"), Format = format }
end

return access_log
