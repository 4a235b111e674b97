--- `laconic local` in a process of its own, as users run it, and signed requests to it.
local clock = require "host.clock"
local digest = require "host.digest"
local http = require "host.http"
local json = require "host.json"
local poll = require "host.poll"
local process = require "host.process"
local program = dofile "tests/program.lua"
local sigv4 = require "host.sigv4"

local served_cloud = {}
served_cloud.__index = served_cloud

local PATIENCE = 30

--- Starts a cloud whose state is in `folder`, and waits until it is ready.
function served_cloud.start(folder)
  local child = assert(process.spawn {
    program.path,
    "local",
    "--port",
    "0",
    "--quiet",
    "--state",
    folder,
    error = "inherit",
  })
  local said = ""
  while not said:find "\n" do
    assert(#assert(poll.wait({ child:fd() }, PATIENCE)) > 0, "the cloud did not become ready")
    said = said .. assert(child:read(), "the cloud ended: " .. said)
  end
  local url = assert(said:match "^ready (http://[%d.]+:%d+)\n$", said)
  return setmetatable({ child = child, url = url, folder = folder }, served_cloud)
end

--- Kills it as a crash would, and waits for its end.
function served_cloud:kill()
  self.child:kill(9)
  assert(self.child:wait(PATIENCE))
  self.child:close()
end

--- Ends it as SIGTERM does; returns its exit status.
function served_cloud:close()
  self.child:kill(15)
  local result = self.child:wait(PATIENCE)
  self.child:close()
  return result and result.status
end

--- What to send: signed for S3 as the cloud's own key, unless the options say otherwise.
---@param options table  path; method, query, headers, host, body; service, region, key, secret, token,
---  date, payload (x-amz-content-sha256); unsigned; tampered (sent in the signed body's place)
function served_cloud:request(options)
  local headers = { { "Host", options.host or self.url:match "//(.*)$" } }
  for _, pair in ipairs(options.headers or {}) do
    table.insert(headers, pair)
  end
  local request = {
    method = options.method or "GET",
    path = options.path,
    query = options.query or "",
    headers = headers,
    body = options.body or "",
    payload_sha256 = options.payload,
  }
  local signer = {
    access_key_id = options.key or "local",
    secret_access_key = options.secret or "local-secret",
    session_token = options.token,
    region = options.region or "us-east-1",
    service = options.service or "s3",
    amz_date = clock.amz_date(options.date or clock.now()),
  }
  local signed = not options.unsigned and assert(sigv4.sign(signer, request))
  local query = request.query ~= "" and "?" .. request.query or ""
  return {
    method = request.method,
    url = self.url .. request.path .. query,
    headers = signed and signed.headers or headers,
    body = options.tampered or options.body or (request.method:match "^P" and "" or nil),
    timeout = PATIENCE,
    proxy = "",
  }, signed, signer
end

--- Sends a request and returns the answer.
function served_cloud:send(options)
  return assert(http.request((self:request(options))))
end

--- Sends a form in the query protocol.
function served_cloud:query(service, form, options)
  options = options or {}
  options.method, options.path, options.service, options.body = "POST", "/", service, form
  options.headers = { { "Content-Type", "application/x-www-form-urlencoded; charset=utf-8" } }
  return self:send(options)
end

--- Sends a JSON document; returns the answer, with what its body says as `json`.
---@param service string
---@param options table  as for `request`, with `target` ("Logs_20140328.DescribeLogGroups") and `say`
function served_cloud:send_json(service, options)
  options.service, options.path = service, options.path or "/"
  options.body = options.say and assert(json.encode(options.say)) or nil
  if options.target then
    options.method = "POST"
    options.headers = { { "X-Amz-Target", options.target } }
  end
  local answer = self:send(options)
  answer.json = json.decode(answer.body)
  return answer
end

--- Puts a body in the aws-chunked form: { size }s of chunks, a checksum behind it when it is named.
---@param options table  as for `request`, with body, chunk, form, trailer?, break_chunk?, break_trailer?
function served_cloud:put_chunked(options)
  local body, form = options.body, options.form
  local headers = {
    { "Content-Encoding", "aws-chunked" },
    { "x-amz-decoded-content-length", tostring(options.length or #body) },
  }
  if options.trailer then
    table.insert(headers, { "x-amz-trailer", options.trailer[1] })
  end
  local request, signed, signer = self:request {
    method = "PUT",
    path = options.path,
    headers = headers,
    payload = form,
  }
  local parts, chain = {}, form:find "HMAC" and signed.signature
  local function add(chunk)
    local head = ("%x"):format(#chunk)
    if chain then
      chain = sigv4.chunk_signature(signer, chain, digest.sha256(chunk))
      local given = options.break_chunk and chain:gsub("^.", { ["0"] = "1" }) or chain
      if options.break_chunk and given == chain then
        given = "0" .. chain:sub(2)
      end
      head = head .. ";chunk-signature=" .. given
    end
    table.insert(parts, head .. "\r\n" .. chunk .. (#chunk > 0 and "\r\n" or ""))
  end
  for from = 1, #body, options.chunk do
    add(body:sub(from, from + options.chunk - 1))
  end
  add ""
  if options.trailer then
    local name, value = options.trailer[1], options.trailer[2]
    table.insert(parts, name .. ":" .. value .. "\r\n")
    if chain then
      local lines = digest.sha256(name .. ":" .. value .. "\n")
      local signature = sigv4.trailer_signature(signer, chain, lines)
      table.insert(parts, "x-amz-trailer-signature:" .. signature .. "\r\n")
    end
  end
  table.insert(parts, "\r\n")
  request.body = options.cut and table.concat(parts):sub(1, -options.cut) or table.concat(parts)
  return assert(http.request(request))
end

served_cloud.__close = served_cloud.close

return served_cloud
