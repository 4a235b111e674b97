-- The scores, as the modules of the API need them.
local dynamodb = require "laconic.aws.dynamodb"

local board = {}

local BOARD = "all" -- there is one

local function table_name()
  return os.getenv "TABLE"
end

local function shown(item)
  return { name = item.name, score = item.score }
end

--- The `count` highest scores, the best first.
function board.top(count)
  local list = {}
  for item in dynamodb.query {
    table = table_name(),
    index = "ByScore",
    key_condition = "board = :board",
    values = { [":board"] = BOARD },
    descending = true,
    page_size = count,
  } do
    table.insert(list, shown(item))
    if #list == count then
      break
    end
  end
  return list
end

--- A player's best score; nil when nobody knows the player.
function board.find(name)
  local item = dynamodb.get { table = table_name(), key = { name = name } }
  return item and shown(item)
end

--- Keeps a score when it is the player's best so far; returns the best.
function board.keep(name, score)
  local ok, raised = pcall(dynamodb.update, {
    table = table_name(),
    key = { name = name },
    set = { board = BOARD, score = score },
    condition = "attribute_not_exists(score) OR score < :new",
    values = { [":new"] = score },
  })
  if not ok and raised.code ~= "ConditionalCheckFailedException" then
    error(raised, 0)
  end
  return ok and shown(raised) or board.find(name)
end

--- Forgets a player; whether there was one.
function board.forget(name)
  local old = dynamodb.delete { table = table_name(), key = { name = name }, return_old = true }
  return old ~= nil
end

return board
