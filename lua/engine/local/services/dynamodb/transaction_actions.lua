--- Transactions: all of it or nothing. Between two waits nothing else runs in this cloud, so that none
--- is ever in another's way.
local attribute = require "engine.local.services.dynamodb.attribute"
local capacity = require "engine.local.services.dynamodb.capacity"
local clock = require "host.clock"
local constraint = require("engine.local.services.dynamodb.refusal").constraint
local digest = require "host.digest"
local fault = require "engine.local.fault"
local invalid = require("engine.local.services.dynamodb.refusal").invalid
local json = require "host.json"
local keys = require "engine.local.services.dynamodb.keys"
local picking = require "engine.local.services.dynamodb.picking"
local tables = require "engine.local.services.dynamodb.tables"
local writing = require "engine.local.services.dynamodb.writing"

local transaction_actions = { actions = {} }
local actions = transaction_actions.actions

local MOST <const> = 100
local LARGEST <const> = 4 * 1024 * 1024
local TOKEN_LIFE <const> = 600 -- seconds for which a token stands for one request
local KINDS <const> = { "ConditionCheck", "Put", "Delete", "Update" }
local PRICE <const> = 2 -- a transaction costs twice what its parts would

-- The codes of the reasons, for refusals that a part of a transaction may meet.
local REASONS <const> = {
  ConditionalCheckFailedException = "ConditionalCheckFailed",
  ValidationException = "ValidationError",
}

local function check_steps(steps)
  if #steps < 1 then
    constraint("[]", "transactItems", "Member must have length greater than or equal to 1")
  elseif #steps > MOST then
    constraint("[…]", "transactItems", "Member must have length less than or equal to %d", MOST)
  end
end

local function check_once(seen, definition, key)
  local name = definition.TableId .. key
  if seen[name] then
    invalid "Transaction request cannot include multiple operations on one item"
  end
  seen[name] = true
end

local function kind_of(step)
  local found
  for _, kind in ipairs(KINDS) do
    if step[kind] ~= nil then
      if found then
        invalid "TransactItems can only contain one of Check, Put, Update or Delete"
      end
      found = kind
    end
  end
  return found or invalid("Invalid Request: TransactWriteRequest should contain Delete or Put or"
    .. " Update request")
end

local function read_steps(cloud, region, steps)
  local parts, seen = {}, {}
  for i, step in ipairs(steps) do
    local kind = kind_of(step)
    local params = step[kind]
    local store, definition = tables.open(cloud, region, params.TableName)
    if kind == "ConditionCheck" and not params.ConditionExpression then
      constraint(nil, ("transactItems.%d.member.conditionCheck.conditionExpression"):format(i),
        "Member must not be null")
    end
    local write = writing.read(kind, params, store)
    check_once(seen, definition, write.key)
    parts[i] = { store = store, definition = definition, write = write }
  end
  return parts
end

-- Tries every part on what is there; nothing is written.
local function try_all(parts)
  local reasons, codes, is_refused, size = json.array {}, {}, false, 0
  for i, part in ipairs(parts) do
    part.old = part.store:get(part.write.key)
    local ok, result = pcall(writing.outcome, part.write, part.store, part.old)
    if ok then
      part.new = result
      size = size + (result and attribute.item_size(result) or 0)
      reasons[i] = { Code = "None" }
    elseif fault.is(result) and REASONS[result.code] then
      reasons[i] = {
        Code = REASONS[result.code],
        Message = result.message,
        Item = result.fields and result.fields.Item,
      }
      is_refused = true
    else
      error(result, 0)
    end
    codes[i] = reasons[i].Code
  end
  if is_refused then
    fault.raise("TransactionCanceledException", ("Transaction cancelled, please refer cancellation"
      .. " reasons for specific reasons [%s]"):format(table.concat(codes, ", ")), 400,
      { CancellationReasons = reasons })
  elseif size > LARGEST then
    invalid "The aggregate size of the items in the transaction cannot exceed 4 MB"
  end
end

-- The changes of each table, in the order in which the tables are first named.
local function changes_of(parts)
  local list, by_table = {}, {}
  for _, part in ipairs(parts) do
    local id = part.definition.TableId
    if part.write.kind ~= "ConditionCheck" then
      if not by_table[id] then
        by_table[id] = { definition = part.definition, changes = {} }
        table.insert(list, by_table[id])
      end
      table.insert(by_table[id].changes, { key = part.write.key, item = part.new })
    end
  end
  return list
end

local function consumed_by(detail, parts, units_of)
  if detail == "NONE" then
    return nil
  end
  local list, by_table = json.array {}, {}
  for _, part in ipairs(parts) do
    local id = part.definition.TableId
    if not by_table[id] then
      by_table[id] = { definition = part.definition }
      table.insert(list, by_table[id])
    end
    by_table[id].units = capacity.add(by_table[id].units, units_of(part), PRICE)
  end
  for i, own in ipairs(list) do
    list[i] = capacity.shown(detail, own.definition, own.units)
  end
  return list
end

local function forget_old(tokens)
  local now = clock.monotonic()
  for token, known in pairs(tokens) do
    if known.at + TOKEN_LIFE < now then
      tokens[token] = nil
    end
  end
  return now
end

-- The answer that the same token has had already; otherwise nil, and how to remember this one's.
local function known_token(request, params, cloud)
  local token = params.ClientRequestToken
  if type(token) ~= "string" then
    return nil, function() end
  end
  local own = cloud:memory "dynamodb"
  own.tokens = own.tokens or {}
  local now, name = forget_old(own.tokens), request.region .. " " .. token
  local said = digest.sha256(assert(json.encode(params.TransactItems)))
  local known = own.tokens[name]
  if known and known.said ~= said then
    fault.raise("IdempotentParameterMismatchException",
      "The request uses the same client token as a previous, but non-identical request.")
  end
  return known and known.answer, function(answer)
    own.tokens[name] = { said = said, at = now, answer = answer }
  end
end

function actions.TransactWriteItems(request, params, cloud)
  local detail = capacity.detail(params)
  check_steps(params.TransactItems)
  local answered, remember = known_token(request, params, cloud)
  if answered then
    return answered
  end
  local parts = read_steps(cloud, request.region, params.TransactItems)
  try_all(parts)
  local changes = changes_of(parts)
  if #changes > 0 then
    tables.commit(cloud, request.region, changes)
  end
  local answer = {
    ConsumedCapacity = consumed_by(detail, parts, function(part)
      return writing.units(part.write, part.store, part.old)
    end),
  }
  remember(answer)
  return answer
end

local function read_get(cloud, region, step)
  local params = step.Get
    or invalid "Invalid Request: TransactGetRequest should contain Get request"
  local store, definition = tables.open(cloud, region, params.TableName)
  return {
    definition = definition,
    key = keys.check_key(store.schema, attribute.read_map(params.Key)),
    pick = picking.read(params),
    store = store,
  }
end

function actions.TransactGetItems(request, params, cloud)
  local detail = capacity.detail(params)
  check_steps(params.TransactItems)
  local parts, seen, responses = {}, {}, json.array {}
  for i, step in ipairs(params.TransactItems) do
    parts[i] = read_get(cloud, request.region, step)
    check_once(seen, parts[i].definition, parts[i].key)
  end
  for i, part in ipairs(parts) do
    part.record = part.store:get(part.key)
    responses[i] = json.object { Item = part.record and part.pick(part.record.item) }
  end
  return {
    Responses = responses,
    ConsumedCapacity = consumed_by(detail, parts, function(part)
      return {
        table = capacity.read(part.record and part.record.size or 0, true),
        indexes = {},
      }
    end),
  }
end

return transaction_actions
