-- laconic run docs/generate.lua [--check]
-- Makes docs/primitives from the stubs of host.*, and docs/stdlib from the doc comments of the
-- vocabulary. With --check it writes nothing, and fails when a page is not what it would write.
local file = require "host.file"

local CHECK = arg[1] == "--check"

-- A block of `---` lines: its sentences, its tags in order.
local function read_block(lines, first)
  local block, i = { text = {}, tags = {} }, first
  while lines[i] and lines[i]:match "^%-%-%-" do
    local body = lines[i]:match "^%-%-%-(.*)$"
    local tag, rest = body:match "^@(%w+)%s*(.*)$"
    if tag then
      table.insert(block.tags, { tag = tag, rest = rest })
    elseif #block.tags > 0 and body:match "^%s%s" then
      local last = block.tags[#block.tags]
      last.rest = last.rest .. " " .. body:match "^%s*(.*)$" -- a tag goes on in the next line
    else
      table.insert(block.text, (body:gsub("^ ", "")))
    end
    i = i + 1
  end
  return block, i
end

local function read_lines(path)
  local lines = {}
  for line in (assert(file.read(path)) .. "\n"):gmatch "(.-)\n" do
    table.insert(lines, line)
  end
  return lines
end

-- Whose methods a file makes, by the line `local methods = {} -- service:…`. They are shown as they are
-- called: of `methods.method(said, options)`, the first parameter is what stands before the colon.
local function as_called(signature, receiver)
  local mark, name, parameters = signature:match "^methods([.:])([%w_]+)(%b())$"
  if not (mark and receiver) then
    return signature
  end
  if mark == "." then
    parameters = "(" .. parameters:gsub("^%([%w_]+,?%s*", "")
  end
  return receiver .. ":" .. name .. parameters
end

-- The module's own sentences, its classes and its functions, in the order of the file.
local function parse(path)
  local lines, page, i, receiver = read_lines(path), { items = {} }, 1, nil
  while i <= #lines do
    if lines[i]:match "^%-%-%-" then
      local block, after = read_block(lines, i)
      local head = lines[after] or ""
      local signature = head:match "^function ([%w_.:]+%b())"
      local class
      for _, tag in ipairs(block.tags) do
        class = class or (tag.tag == "class" and tag.rest)
      end
      if class then
        table.insert(page.items, { class = class, block = block })
      elseif signature then
        table.insert(page.items, { signature = as_called(signature, receiver), block = block })
      elseif not page.text and #block.text > 0 then
        page.text = block.text
      elseif head:match "^[%w_]+%.[%w_]+ =" then
        table.insert(page.items, { signature = head:match "^([%w_.]+)", block = block })
      end
      i = after
    else
      receiver = lines[i]:match "^local methods = {} %-%- (%l+):" or receiver
      i = i + 1
    end
  end
  return page
end

-- "`string`: what it is": the type ends where two spaces begin the description.
local function typed(rest)
  local kind, words = rest:match "^(.-)%s%s+(.*)$"
  return kind and ("`%s`: %s"):format(kind, words) or ("`%s`"):format(rest)
end

local function tag_lines(block, out)
  for _, tag in ipairs(block.tags) do
    if tag.tag == "param" or tag.tag == "field" then
      local name, rest = tag.rest:match "^(%S+)%s+(.*)$"
      table.insert(out, ("- `%s`: %s"):format(name or tag.rest, typed(rest or "")))
    elseif tag.tag == "return" then
      table.insert(out, "- returns " .. typed(tag.rest))
    end
  end
end

local function render(name, page)
  local out = { "# " .. name, "" }
  for _, line in ipairs(page.text or {}) do
    table.insert(out, line)
  end
  table.insert(out, "")
  for _, item in ipairs(page.items) do
    table.insert(out, "## `" .. (item.signature or item.class) .. "`")
    table.insert(out, "")
    for _, line in ipairs(item.block.text) do
      table.insert(out, line)
    end
    if #item.block.text > 0 then
      table.insert(out, "")
    end
    local tags = {}
    tag_lines(item.block, tags)
    if #tags > 0 then
      table.insert(out, table.concat(tags, "\n"))
      table.insert(out, "")
    end
  end
  return (table.concat(out, "\n"):gsub("\n\n\n+", "\n\n"):gsub("%s*$", "\n"))
end

local stale, wanted = {}, {}

local function put(path, text)
  wanted[path] = true
  local there = file.read(path)
  if there == text then
    return
  end
  table.insert(stale, path)
  if not CHECK then
    assert(file.make_folder((path:match "^(.*)/")))
    assert(file.write(path, text))
  end
end

-- How far a module stands in: below the modules whose parts it is, as far as these have a page.
local function depth_of(name, rows)
  local depth, whole = 0, name:match "^(.*%..*)%."
  while whole do
    depth = depth + (rows[whole] and 1 or 0)
    whole = whole:match "^(.*%..*)%."
  end
  return depth
end

local function make(folder, source, prefix)
  local rows = {}
  for _, path in ipairs(assert(file.walk(source))) do
    if path:match "%.lua$" then
      local name = path:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
      local full = prefix == "host" and "host." .. name or name
      local page = parse(source .. "/" .. path)
      put(("%s/%s.md"):format(folder, name), render(full, page))
      local words = table.concat(page.text or {}, " ")
      local sentence = words:match "^(.-%.)%s" or words:gsub("%s*$", "")
      local row = ("- [%s](%s.md): %s"):format(full, name, sentence)
      table.insert(rows, { name = full, text = row })
      rows[full] = true
    end
  end
  table.sort(rows, function(a, b)
    return a.name < b.name -- a module before its parts, which stand below it
  end)
  local index = { "# " .. (prefix == "host" and "Primitives" or "Vocabulary"), "" }
  for _, row in ipairs(rows) do
    table.insert(index, ("  "):rep(depth_of(row.name, rows)) .. row.text)
  end
  put(folder .. "/index.md", table.concat(index, "\n") .. "\n")
  for _, path in ipairs(file.list(folder) or {}) do
    if not wanted[folder .. "/" .. path] then
      table.insert(stale, folder .. "/" .. path)
      if not CHECK then
        assert(file.remove(folder .. "/" .. path))
      end
    end
  end
end

make("docs/primitives", "host/bind/meta", "host")
make("docs/stdlib", "stdlib", "laconic")

if CHECK and #stale > 0 then
  io.stderr:write("not current (run ./dev docs): ", table.concat(stale, ", "), "\n")
  return 1
end
local count = 0
for _ in pairs(wanted) do
  count = count + 1
end
print(("%d pages, %d changed"):format(count, #stale))
return 0
