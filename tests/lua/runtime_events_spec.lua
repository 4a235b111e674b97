-- A handler reads every sample event inside the runtime: what the readers require is there.
local json = require "host.json"
local scripts = require "host.scripts"

local arrived = dofile "tests/stdlib/arrived.lua"
local forms = dofile "tests/lua/runtime_forms.lua"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "s" }

local function read(reader, event)
  if reader.transform then
    return reader.transform(event, function(record) return record.data .. "\n" end)
  elseif reader.each then
    return reader.each(event, function(record)
      local seen = record.data or record.new_image or record.message_attributes
      assert(seen or record.event_name == "REMOVE")
      error "seen"
    end)
  elseif reader.request then
    local request = reader.request(event)
    return request:respond { body = { request.source_ip, request.query, request.cookies } }
  elseif reader.read then
    local fact = reader.read(event)
    return { fact.detail or fact.log_group or fact.name, fact.log_events and #fact.log_events }
  end
  local record = reader.records(event)[1]
  return { record.key or record.message or record.subject or record.repository, record.value }
end

service:lambda { name = "f", handler = function(event)
  local source = require("laconic.event").source(event)
  return read(require("laconic.event." .. source), event)
end }
return service
]]

local RESULTS = {
  alb = '192.0.2.7',
  api_gateway_v1 = '192.0.2.7',
  api_gateway_v2 = 'a,b c',
  cloudwatch_logs = '["/aws/lambda/orders",2]',
  codecommit = '["shop"]',
  cognito = '["PreSignUp"]',
  dynamodb = '{"batchItemFailures":[{"itemIdentifier":"4421584500000000017450439001"}]}',
  eventbridge = '[{"order":1}]',
  firehose = '"result":"Ok"',
  kafka = '["order-1","{\\"order\\":1}"]',
  kinesis = '{"batchItemFailures":[{"itemIdentifier":"49590338271490256608559692538361571095921575'
    .. '989136588874"}]}',
  s3 = '["in/summer 2026.jpg"]',
  s3_eventbridge = '[{"bucket":',
  scheduled = '[{}]',
  ses = '["Where is my order?"]',
  sns = '["The order was shipped."]',
  sqs = '{"itemIdentifier":"059f36b4-87a3-44ab-83d2-661975830a7e"}]}',
  websocket = '192.0.2.7',
}

for _, form in ipairs(forms) do
  describe(form.name .. " reads", function()
    it("every sample event", function()
      local side <close> = setmetatable({ form.start { ["service.lua"] = SERVICE } }, {
        __close = function(self)
          self[1]:stop()
        end,
      })
      for _, module in ipairs(scripts.list "engine.samples.") do
        local name = module:match "[%w_]+$"
        local result = side[1]:result(assert(json.encode(arrived(name))))
        assert.truthy(result:find(RESULTS[name], 1, true), name .. ": " .. result)
      end
    end)
  end)
end
