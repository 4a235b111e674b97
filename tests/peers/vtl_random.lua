-- laconic run tests/peers/vtl_random.lua make COUNT : templates by chance, as lines of JSON.
-- laconic run tests/peers/vtl_random.lua compare ROWS ANSWERS : renders them, and compares with what
-- Apache Velocity gave (tests/peers/vtl/Peer.java).
package.path = "tests/peers/vtl/?.lua;" .. package.path
local json = require "host.json"
local templates = require "templates"
local vtl = require "host.vtl"

local VALUES = {
  params = {
    path = { { "dup", "P" }, { "id", "42" } },
    querystring = { { "dup", "Q" }, { "q", "a b" } },
    header = { { "X-H", "hv" }, { "dup", "H" } },
  },
  context = { { "identity", { sourceIp = "203.0.113.9" } }, { "requestId", "r1" }, { "stage",
    "api" } },
  stage_variables = { { "env", "prod" } },
}

local function plain(pairs_of_values)
  local object = {}
  for _, pair in ipairs(pairs_of_values) do
    object[pair[1]] = pair[2]
  end
  return json.object(object)
end

local function make(count)
  for seed = 1, count do
    print(json.encode {
      id = seed,
      template = templates.make(seed),
      body = templates.BODY,
      params = {
        path = plain(VALUES.params.path),
        querystring = plain(VALUES.params.querystring),
        header = plain(VALUES.params.header),
      },
      context = plain(VALUES.context),
      stage_variables = plain(VALUES.stage_variables),
    })
  end
end

local function render(row)
  local template, err = vtl.compile(row.template)
  if not template then
    return nil, err
  end
  return template:render {
    body = row.body,
    params = VALUES.params,
    context = VALUES.context,
    stage_variables = VALUES.stage_variables,
  }
end

local function compare(rows, answers)
  local next_answer = io.lines(answers)
  local same, refused, shown = 0, 0, 0
  local count = 0
  for line in io.lines(rows) do
    count = count + 1
    local row, answer = json.decode(line), json.decode(next_answer())
    local text, err = render(row)
    assert(answer.id == row.id)
    if text == answer.output then
      same = same + 1
      refused = refused + (text == nil and 1 or 0)
    elseif shown < 10 then
      shown = shown + 1
      print(("template %d: %q\n  theirs %q\n  ours   %q"):format(row.id, row.template,
        answer.output or "error: " .. answer.error, text or "error: " .. tostring(err)))
    end
  end
  print(("%d of %d templates agree, %d of them in refusing"):format(same, count, refused))
  return same == count and count > 0 and 0 or 1
end

if arg[1] == "make" then
  make(tonumber(arg[2]))
  return 0
end
return compare(arg[2], arg[3])
