--- Bodies that are compressed on their way: a client's is opened before anything reads it, and an
--- integration's answer is packed where the API says from which size on, and the client how. By API
--- Gateway's guide, "Payload compression for REST APIs": gzip and deflate; a body that is not of its
--- coding is 415; nothing is packed that has a Content-Encoding already, nor for `Accept-Encoding: *`.
local host_coding -- loaded with the first body that is compressed
local header_list = require "engine.local.http.header_list"
local refusal = require "engine.local.services.apigateway.refusal"

local compression = {}

local CODINGS <const> = { gzip = true, deflate = true }

local function coding()
  host_coding = host_coding or require "host.content_coding"
  return host_coding
end

--- What a client's body holds; nil when it is sent as it is.
---@param encoding? string  its Content-Encoding
---@param body string
---@param most integer      bytes that it may hold
---@return string?
function compression.opened(encoding, body, most)
  encoding = (encoding or ""):lower():match "^%s*(.-)%s*$"
  if body == "" or encoding == "" or encoding == "identity" then
    return nil
  elseif not CODINGS[encoding] then
    refusal.raise("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type")
  end
  local bytes, err = coding().open(body, encoding, { max_bytes = most })
  if not bytes and err.kind == "limit" then
    refusal.raise("REQUEST_TOO_LARGE", ("HTTP content length exceeded %d bytes."):format(most))
  elseif not bytes then
    refusal.raise("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type")
  end
  return bytes
end

-- "gzip;q=0.5" → "gzip", 0.5
local function read_wish(part)
  local name, parameters = part:match "^%s*([^;%s]+)%s*(.*)$"
  local weight = (parameters or "") == "" and 1 or parameters:match "^;%s*[qQ]%s*=%s*([%d.]+)"
  return (name or ""):lower(), tonumber(weight) or 0
end

-- The coding that the client wants most, of those wanted alike the first; nil when that is none of ours.
local function wanted(accepted)
  local best, most = nil, 0
  for part in accepted:gmatch "[^,]+" do
    local name, weight = read_wish(part)
    if weight > most then
      best, most = name, weight
    end
  end
  return CODINGS[best] and best or nil
end

local function is_encoded(answer)
  for _, pair in ipairs(answer.headers) do
    if header_list.lower(pair[1]) == "content-encoding" then
      return true
    end
  end
  return false
end

--- Packs an integration's answer, where the API and the client want that.
---@param exchange engine.local.services.apigateway.Exchange
---@param answer { status: integer, headers: table[], body?: string }
---@return table answer  the same
function compression.pack(exchange, answer)
  local least, body = exchange.stage.definition.minimumCompressionSize, answer.body or ""
  if not least or body == "" or #body < least then
    return answer
  end
  local name = wanted(exchange:header "accept-encoding" or "")
  if name and not is_encoded(answer) then
    answer.body = assert(coding().pack(body, name))
    table.insert(answer.headers, { "Content-Encoding", name })
  end
  return answer
end

return compression
