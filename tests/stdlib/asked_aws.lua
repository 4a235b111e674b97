-- A client whose answers a spec writes down: what it was asked is kept, decoded where it is JSON.
--
--     local client, asked = asked_aws("sqs", { { json = { MessageId = "1" } } })
--
-- `answers` is a list, the last of which stays, or a function(n, request). An answer is { json = … },
-- { body = …, headers = …, status = … } or { err = … }.
local fake_aws = dofile "tests/lua/fake_aws.lua"
local aws = require "laconic.aws"
local json = require "host.json"

local function answer_of(answers, n, request)
  if type(answers) == "function" then
    return answers(n, request)
  end
  return answers[n] or answers[#answers]
end

return function(service, answers, options)
  local session, asked = fake_aws.new({}):session(), {}
  session.transport.send = function(request)
    local decoded = request.body and json.decode(request.body)
    table.insert(asked, { request = request, json = decoded, body = request.body })
    local answer = answer_of(answers, #asked, request)
    if answer.err then
      return nil, answer.err
    end
    local body = answer.json and assert(json.encode(answer.json)) or answer.body or ""
    return { status = answer.status or 200, headers = answer.headers or {}, body = body }
  end
  options = options or {}
  options.session = session
  return aws.client(service, options), asked, session
end
