--- Items of DynamoDB's tables, as plain Lua tables.
---
---     local dynamodb = require "laconic.aws.dynamodb"
---     local visits = os.getenv "TABLE"
---     dynamodb.update { table = visits, key = { id = "ada" }, add = { count = 1 } }
---     print(dynamodb.get({ table = visits, key = { id = "ada" } }).count)
---     for item in dynamodb.query {
---       table = visits,
---       key_condition = "id = :id",
---       values = { [":id"] = "ada" },
---     } do print(item.count) end
---
--- Values: strings, numbers, booleans, lists and tables are what they are in DynamoDB. A set is
--- `dynamodb.set { "a", "b" }`, bytes are `dynamodb.binary(bytes)`, NULL is `dynamodb.null`. Integers
--- of 64 bits are exact; a number with more digits than Lua's can hold is `dynamodb.number "…"`, in
--- both directions. laconic.aws.dynamodb.values has the whole table.
---
--- A condition that does not hold raises "ConditionalCheckFailedException".
---@module "laconic.aws.dynamodb"
local batches = require "laconic.aws.batches"
local check = require "engine.check"
local client = require "laconic.aws.client"
local expression = require "laconic.aws.dynamodb.expression"
local failure = require "engine.failure"
local json = require "host.json"
local values = require "laconic.aws.dynamodb.values"

local dynamodb = {
  binary = values.binary,
  null = json.null,
  number = values.number,
  set = values.set,
}

local MOST_READ, MOST_WRITTEN = 100, 25 -- items in a call
local ROUNDS = 10 -- tries for what a batch leaves over
local FIRST_WAIT, LONGEST_WAIT = 0.05, 5 -- seconds

local TABLE = { type = "string", required = true, least = 1 }
local KEY = { type = "table", required = true }
local FLAG = { type = "boolean" }
local TEXT = { type = "string", least = 1 }
local MAP = { type = "table" }
local LIST = { each = { type = "string" } }

-- The rules of a request: what every one has, and its own.
local function rules(more)
  local all = { client = MAP, table = TABLE, names = MAP, values = MAP }
  for name, rule in pairs(more) do
    all[name] = rule
  end
  return all
end

local function merge(params, more)
  for name, value in pairs(more) do
    params[name] = value
  end
  return params
end

local function call(request, action, params)
  return client.of("dynamodb", request):call(action, params)
end

local GET = rules { key = KEY, consistent = FLAG, projection = LIST }

---@class laconic.DynamoGet
---@field table string
---@field key table<string, any>
---@field consistent? boolean          default false
---@field projection? string[]         paths of what is wanted: "address.city", "orders[0]"
---@field client? laconic.AwsClient

--- The item of that key; nil when there is none.
---@param request laconic.DynamoGet
---@return table<string, any>? item
function dynamodb.get(request)
  check.fields("dynamodb.get", request, GET)
  local answer = call(request, "GetItem", merge(expression.params(request), {
    TableName = request.table,
    Key = values.write_map(request.key, "key"),
    ConsistentRead = request.consistent,
  }))
  return answer.Item and values.read_map(answer.Item)
end

local function old_item(answer)
  return answer.Attributes and values.read_map(answer.Attributes)
end

local PUT = rules { item = KEY, condition = TEXT, return_old = FLAG }

---@class laconic.DynamoPut
---@field table string
---@field item table<string, any>
---@field condition? string            "attribute_not_exists(id)"
---@field names? table<string, string> for the condition: { ["#s"] = "status" }
---@field values? table<string, any>   for the condition: { [":open"] = "open" }
---@field return_old? boolean
---@field client? laconic.AwsClient

--- Puts an item, in the place of the one with the same key.
---@param request laconic.DynamoPut
---@return table<string, any>? old  with `return_old`: the item that was there
function dynamodb.put(request)
  check.fields("dynamodb.put", request, PUT)
  return old_item(call(request, "PutItem", merge(expression.params(request), {
    TableName = request.table,
    Item = values.write_map(request.item),
    ReturnValues = request.return_old and "ALL_OLD" or nil,
  })))
end

local CHANGES = { update = TEXT, set = MAP, add = MAP, remove = LIST, delete = MAP }

local UPDATE = rules(merge({
  key = KEY,
  condition = TEXT,
  returns = { one_of = { "NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW" } },
}, CHANGES))

---@class laconic.DynamoUpdate
---@field table string
---@field key table<string, any>
---@field set? table<string, any>      path → value
---@field add? table<string, any>      path → what is added to a number, or to a set
---@field remove? string[]             paths
---@field delete? table<string, any>   path → the values taken out of a set
---@field update? string               or all that as an expression: "SET a = if_not_exists(a, :zero)"
---@field condition? string
---@field names? table<string, string>
---@field values? table<string, any>
---@field returns? "NONE"|"ALL_OLD"|"UPDATED_OLD"|"ALL_NEW"|"UPDATED_NEW"  default "ALL_NEW"
---@field client? laconic.AwsClient

--- Changes an item, or makes it.
---@param request laconic.DynamoUpdate
---@return table<string, any>? item  as `returns` says
function dynamodb.update(request)
  check.fields("dynamodb.update", request, UPDATE)
  return old_item(call(request, "UpdateItem", merge(expression.params(request), {
    TableName = request.table,
    Key = values.write_map(request.key, "key"),
    ReturnValues = request.returns or "ALL_NEW",
  })))
end

local DELETE = rules { key = KEY, condition = TEXT, return_old = FLAG }

---@class laconic.DynamoDelete
---@field table string
---@field key table<string, any>
---@field condition? string
---@field names? table<string, string>
---@field values? table<string, any>
---@field return_old? boolean
---@field client? laconic.AwsClient

--- Deletes an item; one that is not there counts as deleted.
---@param request laconic.DynamoDelete
---@return table<string, any>? old  with `return_old`: the item that was there
function dynamodb.delete(request)
  check.fields("dynamodb.delete", request, DELETE)
  return old_item(call(request, "DeleteItem", merge(expression.params(request), {
    TableName = request.table,
    Key = values.write_map(request.key, "key"),
    ReturnValues = request.return_old and "ALL_OLD" or nil,
  })))
end

local READ = {
  consistent = FLAG,
  filter = TEXT,
  index = TEXT,
  page_size = { type = "integer", least = 1 },
  projection = LIST,
  start = MAP,
}

local QUERY = rules(merge({
  key_condition = { type = "string", required = true, least = 1 },
  descending = FLAG,
}, READ))

local SCAN = rules(merge({
  segment = { type = "integer", least = 0 },
  segments = { type = "integer", least = 1, most = 1000000 },
}, READ))

local function read_pages(request, action, own)
  local pages = client.of("dynamodb", request):pages(action, merge(expression.params(request), {
    TableName = request.table,
    IndexName = request.index,
    ConsistentRead = request.consistent,
    Limit = request.page_size,
    ExclusiveStartKey = request.start and values.write_map(request.start, "start"),
    ScanIndexForward = own.forward,
    Segment = own.segment,
    TotalSegments = own.segments,
  }))
  return function()
    local answer = pages()
    if not answer then
      return nil
    end
    local page = { items = {}, count = answer.Count, scanned = answer.ScannedCount }
    for i, item in ipairs(answer.Items or {}) do
      page.items[i] = values.read_map(item)
    end
    page.last_key = answer.LastEvaluatedKey and values.read_map(answer.LastEvaluatedKey)
    return page
  end
end

-- One item after another; the pages are asked for on the way.
local function each_item(pages)
  local items, i = {}, 0
  return function()
    i = i + 1
    while items and not items[i] do
      local page = pages()
      items, i = page and page.items, 1
    end
    return items and items[i]
  end
end

---@class laconic.DynamoPage
---@field items table<string, any>[]
---@field count integer
---@field scanned integer              items that were looked at, filtered ones included
---@field last_key? table<string, any>  `start` of a query that goes on here

---@class laconic.DynamoRead
---@field table string
---@field index? string
---@field filter? string               what of the items found is given: "#s = :open"
---@field projection? string[]
---@field names? table<string, string>
---@field values? table<string, any>
---@field consistent? boolean
---@field page_size? integer           items looked at in a call
---@field start? table<string, any>    a page's `last_key`
---@field client? laconic.AwsClient

---@class laconic.DynamoQuery: laconic.DynamoRead
---@field key_condition string         "id = :id AND begins_with(at, :year)"
---@field descending? boolean          by the sort key; default false

---@class laconic.DynamoScan: laconic.DynamoRead
---@field segment? integer             0 to segments - 1: one of several scans side by side
---@field segments? integer

--- The items of one partition, page by page.
---@param request laconic.DynamoQuery
---@return fun(): laconic.DynamoPage?
function dynamodb.query_pages(request)
  check.fields("dynamodb.query_pages", request, QUERY)
  return read_pages(request, "Query", { forward = not request.descending })
end

--- The items of one partition, one by one.
---@param request laconic.DynamoQuery
---@return fun(): table<string, any>?
function dynamodb.query(request)
  check.fields("dynamodb.query", request, QUERY)
  return each_item(dynamodb.query_pages(request))
end

--- All items of a table, page by page.
---@param request laconic.DynamoScan
---@return fun(): laconic.DynamoPage?
function dynamodb.scan_pages(request)
  check.fields("dynamodb.scan_pages", request, SCAN)
  return read_pages(request, "Scan", { segment = request.segment, segments = request.segments })
end

--- All items of a table, one by one.
---@param request laconic.DynamoScan
---@return fun(): table<string, any>?
function dynamodb.scan(request)
  check.fields("dynamodb.scan", request, SCAN)
  return each_item(dynamodb.scan_pages(request))
end

-- Sends what a batch left over again, after a growing part of a random wait, until nothing is left.
local function until_done(own, left, send)
  local wait = FIRST_WAIT
  for _ = 1, ROUNDS do
    left = send(left)
    if not left or #left == 0 then
      return
    end
    assert(own.session.clock.sleep(wait * math.random()))
    wait = math.min(wait * 2, LONGEST_WAIT)
  end
  failure.raise("service", ("DynamoDB left %d items of a batch undone"):format(#left), {
    code = "UnprocessedItems",
    where = check.where(),
    unprocessed = #left,
    retryable = true,
  })
end

local BATCH_GET = rules {
  keys = { each = { type = "table" }, required = true },
  consistent = FLAG,
  projection = LIST,
}

---@class laconic.DynamoBatchGet
---@field table string
---@field keys table<string, any>[]
---@field consistent? boolean
---@field projection? string[]
---@field client? laconic.AwsClient

--- The items of any number of keys, in no order; keys without an item give none. What DynamoDB leaves
--- over is asked for again; "UnprocessedItems" is raised when it stays so.
---@param request laconic.DynamoBatchGet
---@return table<string, any>[] items
function dynamodb.batch_get(request)
  check.fields("dynamodb.batch_get", request, BATCH_GET)
  local own, items, keys = client.of("dynamodb", request), {}, {}
  for i, key in ipairs(request.keys) do
    keys[i] = values.write_map(key, ("keys[%d]"):format(i))
  end
  local rest = merge(expression.params(request), { ConsistentRead = request.consistent })
  for _, some in batches.cut(keys, MOST_READ) do
    until_done(own, some, function(left)
      local asked = merge({ Keys = left }, rest)
      local answer = own:call("BatchGetItem", { RequestItems = { [request.table] = asked } })
      for _, item in ipairs((answer.Responses or {})[request.table] or {}) do
        table.insert(items, values.read_map(item))
      end
      local open = (answer.UnprocessedKeys or {})[request.table]
      return open and open.Keys
    end)
  end
  return items
end

local BATCH_WRITE = {
  client = MAP,
  table = TABLE,
  put = { each = { type = "table" } },
  delete = { each = { type = "table" } },
}

---@class laconic.DynamoBatchWrite
---@field table string
---@field put? table<string, any>[]     items
---@field delete? table<string, any>[]  keys
---@field client? laconic.AwsClient

--- Puts and deletes any number of items; each by itself, none under a condition. What DynamoDB leaves
--- over is sent again; "UnprocessedItems" is raised when it stays so.
---@param request laconic.DynamoBatchWrite
function dynamodb.batch_write(request)
  check.fields("dynamodb.batch_write", request, BATCH_WRITE)
  local own, writes = client.of("dynamodb", request), {}
  for i, item in ipairs(request.put or {}) do
    local written = values.write_map(item, ("put[%d]"):format(i))
    table.insert(writes, { PutRequest = { Item = written } })
  end
  for i, key in ipairs(request.delete or {}) do
    local written = values.write_map(key, ("delete[%d]"):format(i))
    table.insert(writes, { DeleteRequest = { Key = written } })
  end
  for _, some in batches.cut(writes, MOST_WRITTEN) do
    until_done(own, some, function(left)
      local answer = own:call("BatchWriteItem", { RequestItems = { [request.table] = left } })
      return (answer.UnprocessedItems or {})[request.table]
    end)
  end
end

local CHECKED = { type = "string", required = true, least = 1 }

-- What a transaction may hold: the rules of each step, and what DynamoDB calls it.
local STEPS = {
  put = { name = "Put", rules = rules { item = KEY, condition = TEXT } },
  update = {
    name = "Update",
    rules = rules(merge({ key = KEY, condition = TEXT }, CHANGES)),
  },
  delete = { name = "Delete", rules = rules { key = KEY, condition = TEXT } },
  check = { name = "ConditionCheck", rules = rules { key = KEY, condition = CHECKED } },
}

local function write_step(i, step)
  check.keys(("dynamodb.transact[%d]"):format(i), step, STEPS)
  local word, request = next(step)
  if not word or next(step, word) then
    check.fail("E104", ("dynamodb.transact[%d]: one of put, update, delete and check expected")
      :format(i))
  end
  check.fields(("dynamodb.transact[%d].%s"):format(i, word), request, STEPS[word].rules)
  local params = merge(expression.params(request), {
    TableName = request.table,
    Item = request.item and values.write_map(request.item),
    Key = request.key and values.write_map(request.key, "key"),
  })
  return { [STEPS[word].name] = params }
end

--- Does all of it, or nothing: puts, updates, deletes, and checks of items that stay as they are.
---
---     dynamodb.transact {
---       { update = { table = t, key = { id = "ada" }, add = { money = -5 },
---                    condition = "money >= :price", values = { [":price"] = 5 } } },
---       { put = { table = t, item = { id = "order-7", of = "ada" } } },
---     }
---
--- Raises "TransactionCanceledException" when a condition does not hold.
---@param steps { put?: table, update?: table, delete?: table, check?: table }[]  at most 100
---@param options? { token?: string, client?: laconic.AwsClient }  token: the same one twice, within ten
---  minutes, does it once
function dynamodb.transact(steps, options)
  check.value("dynamodb.transact", steps, { each = { type = "table" }, least = 1, most = 100 })
  options = options or {}
  check.fields("dynamodb.transact: options", options, { client = MAP, token = TEXT })
  local items, digest = {}, require "host.digest"
  for i, step in ipairs(steps) do
    items[i] = write_step(i, step)
  end
  call(options, "TransactWriteItems", {
    TransactItems = items,
    ClientRequestToken = options.token or digest.to_hex(digest.random(16)),
  })
end

return dynamodb
