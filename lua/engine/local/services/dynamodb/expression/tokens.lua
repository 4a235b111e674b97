--- The words of an expression. A token is { kind, text, first, last }: "word", "name" (#n), "value"
--- (:v), "number", "mark" (= <> ( , …), "end", or "unknown" for what no expression holds.
local tokens = {}

local PATTERNS <const> = {
  { "word", "^%a[%w_]*()" },
  { "name", "^#[%w_]+()" },
  { "value", "^:[%w_]+()" },
  { "number", "^%d+()" },
  { "mark", "^<[>=]()" },
  { "mark", "^>=()" },
  { "mark", "^[=<>+%-(),.%[%]]()" },
  { "unknown", "^.()" },
}

---@class engine.local.services.dynamodb.Token
---@field kind "word"|"name"|"value"|"number"|"mark"|"end"|"unknown"
---@field text string
---@field first integer
---@field last integer

--- Takes an expression apart.
---@param source string
---@return engine.local.services.dynamodb.Token[]  the last one is the end
function tokens.split(source)
  local list = {}
  local at = source:match "^%s*()"
  while at <= #source do
    for _, rule in ipairs(PATTERNS) do
      local behind = source:match(rule[2], at)
      if behind then
        table.insert(list, {
          kind = rule[1],
          text = source:sub(at, behind - 1),
          first = at,
          last = behind - 1,
        })
        at = source:match("^%s*()", behind)
        break
      end
    end
  end
  table.insert(list, { kind = "end", text = "<EOF>", first = #source + 1, last = #source })
  return list
end

return tokens
