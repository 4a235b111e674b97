--- Cuts lists into what one call may carry, and tells which entries failed. For the helpers that send
--- many things at once (sqs, sns, events).
---@module "laconic.aws.batches"
local json = require "host.json"

local batches = {}

---@class laconic.BatchFailure
---@field index integer         of the entry in the list that was given
---@field code string           AWS's
---@field message? string
---@field sender_fault? boolean  true: sending it again will not help

--- Cuts a list into batches of at most `most` items and, together, `bytes` bytes. A larger item has a
--- batch of its own: AWS says what it thinks of it.
---@param list any[]
---@param most integer
---@param bytes? integer   of the items as JSON
---@return fun(): integer?, any[]?  for a `for`: the index before the first item, and the items
function batches.cut(list, most, bytes)
  local at = 0
  return function()
    if at >= #list then
      return nil
    end
    local before, total, items = at, 0, {}
    while at < #list and #items < most do
      local size = bytes and #assert(json.encode(list[at + 1])) or 0
      if #items > 0 and bytes and total + size > bytes then
        break
      end
      at, total = at + 1, total + size
      table.insert(items, list[at])
    end
    return before, items
  end
end

---@class laconic.BatchCall
---@field client laconic.AwsClient
---@field action string
---@field entries table[]     as AWS wants them, without their Id
---@field most integer
---@field bytes? integer
---@field params fun(entries: table[]): table   the parameters of a call with these
---@field read_sent fun(item: table): table     what is told of an entry that was taken

--- Sends entries that are told apart by `Id`: what AWS took is in `sent`, what it refused in `failed`,
--- each with its index.
---@param call laconic.BatchCall
---@return { sent: table[], failed: laconic.BatchFailure[] }
function batches.send(call)
  local result = { sent = {}, failed = {} }
  for before, entries in batches.cut(call.entries, call.most, call.bytes) do
    for i, entry in ipairs(entries) do
      entry.Id = tostring(before + i)
    end
    local answer = call.client:call(call.action, call.params(entries))
    for _, item in ipairs(answer.Successful or {}) do
      local sent = call.read_sent(item)
      sent.index = math.tointeger(item.Id)
      table.insert(result.sent, sent)
    end
    for _, item in ipairs(answer.Failed or {}) do
      table.insert(result.failed, {
        index = math.tointeger(item.Id),
        code = item.Code,
        message = item.Message,
        sender_fault = tostring(item.SenderFault) == "true",
      })
    end
  end
  return result
end

return batches
