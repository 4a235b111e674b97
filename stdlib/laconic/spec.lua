--- Tests for services: `describe`, `it`, `before_each`, `after_each` and `assert`, the vocabulary of
--- busted, run by the program itself.
---
---     describe("greeting", function()
---       it("names the visitor", function()
---         assert.equal("Hello, Ada", greet { name = "Ada" }.message)
---       end)
---     end)
---
---@module "laconic.spec"
local spec = {}

local function show(value, depth)
  if type(value) == "string" then
    return ("%q"):format(value):gsub("\\\n", "\\n")
  end
  if type(value) ~= "table" or depth > 6 then
    return tostring(value)
  end
  local keys, parts = {}, {}
  for key in pairs(value) do
    table.insert(keys, key)
  end
  table.sort(keys, function(a, b)
    return tostring(a) < tostring(b)
  end)
  for _, key in ipairs(keys) do
    local name = type(key) == "string" and key or "[" .. tostring(key) .. "]"
    table.insert(parts, name .. " = " .. show(value[key], depth + 1))
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

-- Deep equality: the same keys with the same values; an integer and a float of one value differ.
local function same(a, b, seen)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b and math.type(a) == math.type(b)
  end
  if a == b or seen[a] == b then
    return true
  end
  seen[a] = b
  for key, value in pairs(a) do
    if not same(value, b[key], seen) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

local function fail(message, note)
  error(setmetatable({ failure = note and note .. ": " .. message or message }, {
    __tostring = function(self)
      return self.failure
    end,
  }), 0)
end

local function locate()
  local depth = 2
  while true do
    local info = debug.getinfo(depth, "Sl")
    if not info then
      return ""
    end
    if info.short_src:match "_spec%.lua$" then
      return info.short_src .. ":" .. info.currentline .. ": "
    end
    depth = depth + 1
  end
end

local function compare(ok, format, want, got, note)
  if not ok then
    fail(locate() .. format:format(show(want, 0), show(got, 0)), note)
  end
end

local check = {}

function check.equal(want, got, note)
  compare(rawequal(want, got) or want == got, "expected %s, got %s", want, got, note)
end

function check.not_equal(unwanted, got, note)
  compare(unwanted ~= got, "expected anything but %s, got %s", unwanted, got, note)
end

function check.same(want, got, note)
  compare(same(want, got, {}), "expected\n  %s\ngot\n  %s", want, got, note)
end

function check.is_true(value, note)
  compare(value == true, "expected %s, got %s", true, value, note)
end

function check.is_false(value, note)
  compare(value == false, "expected %s, got %s", false, value, note)
end

function check.is_nil(value, note)
  compare(value == nil, "expected %s, got %s", nil, value, note)
end

function check.is_not_nil(value, note)
  compare(value ~= nil, "expected anything but %s, got %s", nil, value, note)
end

function check.truthy(value, note)
  compare(value, "expected %s value, got %s", "a true", value, note)
end

function check.falsy(value, note)
  compare(not value, "expected %s value, got %s", "a false", value, note)
end

--- Passes when the Lua pattern is found in the text.
function check.matches(pattern, text, note)
  local found = type(text) == "string" and text:find(pattern)
  compare(found, "expected a text with the pattern %s, got\n  %s", pattern, text, note)
end

function check.not_matches(pattern, text, note)
  local found = type(text) == "string" and text:find(pattern)
  compare(not found, "expected no text with the pattern %s, got\n  %s", pattern, text, note)
end

--- Passes when `fn` raises; with `want`, when it raises that very text (tostring of what is raised).
function check.has_error(fn, want, note)
  local ok, raised = pcall(fn)
  compare(not ok, "expected %s, got %s", "an error", "none", note)
  if want ~= nil then
    compare(tostring(raised) == tostring(want), "expected the error\n  %s\ngot\n  %s", want,
      tostring(raised), note)
  end
  return raised
end

--- Passes when `fn` raises something whose text has the pattern; returns what was raised.
function check.error_matches(pattern, fn, note)
  local ok, raised = pcall(fn)
  compare(not ok, "expected %s, got %s", "an error", "none", note)
  check.matches(pattern, tostring(raised), note)
  return raised
end

setmetatable(check, {
  __call = function(_, value, ...)
    if not value then
      local message = ...
      if message == nil then
        message = locate() .. "assertion failed!"
      end
      error(message, 0)
    end
    return value, ...
  end,
})

local function handle(raised)
  if type(raised) == "table" then
    return tostring(raised)
  end
  return debug.traceback(tostring(raised), 2)
end

local function run_case(case, groups, report)
  local function body()
    for _, group in ipairs(groups) do
      for _, hook in ipairs(group.before) do
        hook()
      end
    end
    case.fn()
  end
  local ok, raised = xpcall(body, handle)
  for i = #groups, 1, -1 do
    for _, hook in ipairs(groups[i].after) do
      local cleaned, problem = xpcall(hook, handle)
      if ok and not cleaned then
        ok, raised = false, problem
      end
    end
  end
  report(case, ok, raised)
end

local function run_group(group, outer, report)
  local groups = table.move(outer, 1, #outer, 1, {})
  table.insert(groups, group)
  for _, item in ipairs(group.items) do
    if item.items then
      run_group(item, groups, report)
    else
      run_case(item, groups, report)
    end
  end
end

local function new_group(name, parent)
  return {
    name = parent and parent.name ~= "" and parent.name .. " " .. name or name,
    items = {},
    before = {},
    after = {},
  }
end

local function load_file(path, root)
  local current = root
  local words = {}

  function words.describe(name, fn)
    local outer = current
    current = new_group(name, outer)
    table.insert(outer.items, current)
    fn()
    current = outer
  end

  function words.it(name, fn)
    table.insert(current.items, { name = current.name .. ": " .. name, fn = fn })
  end

  function words.before_each(fn)
    table.insert(current.before, fn)
  end

  function words.after_each(fn)
    table.insert(current.after, fn)
  end

  words.assert = check
  local environment = setmetatable(words, { __index = _G })
  local chunk = assert(loadfile(path, "t", environment))
  chunk()
end

--- Runs the spec files, prints what fails and the closing line `N passed, N failed`.
---@param files string[]
---@param write? fun(text: string)  where the report goes; default: standard output
---@return boolean ok  true when there was at least one test, and none failed
function spec.run(files, write)
  write = write or function(text)
    io.stdout:write(text)
  end
  local passed, failed = 0, 0
  local function report(case, ok, raised)
    if ok then
      passed = passed + 1
    else
      failed = failed + 1
      write(("not ok - %s\n%s\n"):format(case.name, tostring(raised):gsub("([^\n]+)", "    %1")))
    end
  end
  for _, path in ipairs(files) do
    local root = new_group ""
    local ok, problem = xpcall(load_file, handle, path, root)
    if ok then
      run_group(root, {}, report)
    else
      report({ name = path }, false, problem)
    end
  end
  write(("%d passed, %d failed\n"):format(passed, failed))
  return failed == 0 and passed > 0
end

return spec
