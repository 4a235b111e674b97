local laconic = require "laconic"
local digest = require "host.digest"
local function_url = require "laconic.event.api_gateway_v2"
local secrets = require "laconic.secrets"
local ssm = require "laconic.aws.ssm"

local service = laconic.service { name = "weekdays", description = "A slash command for Slack" }

local PARAMETER <const> = "/weekdays/signing-secret"
local WINDOW <const> = 300 -- seconds for which a request is good

local signing_secret = service:secret { name = "signing-secret", parameter = PARAMETER }

-- Slack signs "v0:TIME:BODY". The time is part of it, so that what was overheard is soon worth
-- nothing; the body is the bytes that came, whatever is made of them later.
local function is_from_slack(request)
  local time = request.headers["X-Slack-Request-Timestamp"] or ""
  local moment = time:match "^%d+$" and math.tointeger(tonumber(time))
  if not moment or math.abs(os.time() - moment) > WINDOW then
    return false
  end
  local text = ("v0:%s:%s"):format(time, request.body or "")
  local key = secrets.get(signing_secret):reveal()
  local wanted = "v0=" .. digest.to_hex(digest.hmac_sha256(key, text))
  return digest.equal(wanted, request.headers["X-Slack-Signature"] or "")
end

local function weekday(text)
  local year, month, day = (text or ""):match "^%s*(%d%d%d%d)%-(%d%d)%-(%d%d)%s*$"
  if not year then
    return nil
  end
  local noon = os.time { year = year, month = month, day = day, hour = 12 }
  local date = os.date("%Y-%m-%d", noon)
  return date == ("%s-%s-%s"):format(year, month, day) and os.date("%A", noon) or nil
end

local function answer(form)
  local name = weekday(form.text)
  if not name then
    return { response_type = "ephemeral", text = "Say a date, as in `/weekday 1969-07-20`" }
  end
  return {
    response_type = "in_channel",
    text = ("%s is a %s, @%s"):format(form.text, name, form.user_name or "you"),
  }
end

service:lambda {
  name = "weekday",
  url = true,
  secrets = { signing_secret },
  handler = function(event, context)
    local request = function_url.request(event)
    if not is_from_slack(request) then
      context.log.warn("refused", { source_ip = request.source_ip })
      return request:respond { status = 401, body = "This is for Slack" }
    end
    return request:respond { body = answer(request:form()) }
  end,
}

service:command {
  name = "keep-secret",
  summary = "Keep Slack's signing secret, read from standard input",
  flags = {},
  run = function()
    local value = io.read "l"
    if not value or value == "" then
      error "say the secret on standard input: it stands in no history there"
    end
    ssm.put { name = PARAMETER, value = value, type = "SecureString", overwrite = true }
    print "kept"
    return 0
  end,
}

return service
