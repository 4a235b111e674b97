-- What the documents promise: links lead somewhere, the Lua in them compiles, whole services are
-- valid, and the commands they show exist, with their flags.
local builtin = require "engine.cli.builtin"
local global_flags = require "engine.cli.global_flags"
local file = require "host.file"
local process = require "host.process"

local function text_of(path)
  return (assert(file.read(path)))
end

local function pages()
  local list = {}
  local pipe = assert(io.popen "git ls-files --cached --others --exclude-standard -- '*.md'")
  for path in pipe:lines() do
    table.insert(list, path)
  end
  pipe:close()
  return list
end

-- The fenced blocks of a page in that language.
local function blocks(page, language)
  return ("\n" .. text_of(page)):gmatch("\n```" .. language .. "\n(.-)\n```")
end

-- The places of a page that links lead to: its headings, as the hosts of repositories call them.
local function anchors_of(page)
  local anchors = {}
  local text = ("\n" .. text_of(page)):gsub("\n```.-\n```", "\n")
  for heading in text:gmatch "\n#+ ([^\n]+)" do
    local name = heading:gsub("%[([^%]]*)%]%b()", "%1"):lower():gsub("[^%w_ -]", "")
    anchors[(name:gsub(" ", "-"))] = true
  end
  return anchors
end

-- A whole service, but for those that read files beside them: a page shows these, too, and examples
-- run their like.
local function is_service(block)
  return block:find("laconic.service", 1, true) and block:match "%f[%w]return service%s*$"
    and not block:find("swagger = ", 1, true)
end

-- `laconic check` of a block, in a folder of its own: its messages when it is refused.
local function check(block)
  local folder = assert(file.temporary_folder())
  assert(file.write(folder .. "/service.lua", block .. "\n"))
  local result, err = process.run {
    os.getenv "LACONIC" or file.program(), "check",
    cwd = folder,
    error = "pipe",
    timeout = 60,
  }
  assert(file.remove_tree(folder))
  assert(result, err)
  return result.status ~= 0 and result.error or nil
end

local function flags_of(command)
  local flags = {}
  for _, list in ipairs { command.flags or {}, global_flags } do
    for _, flag in ipairs(list) do
      flags["--" .. flag.name] = true
      flags["-" .. (flag.short or "")] = true
    end
  end
  return flags
end

-- What is wrong with a line such as "$ laconic invoke hello --local"; comments and texts in quotes
-- are passed over.
local function wrong_command(line)
  local rest = line:gsub("%s#.*$", ""):gsub("'[^']*'", "''"):match "^%$?%s*laconic%s+(.*)$"
  local word = rest and rest:match "^([%l-]+)"
  if not word then
    return nil
  end
  local command = builtin.find(word)
  if not command then
    return ("there is no command '%s'"):format(word)
  end
  local flags = flags_of(command)
  for flag in rest:gmatch "%s(%-%-?%a[%w-]*)" do
    if not flags[flag] then
      return ("%s has no flag %s"):format(word, flag)
    end
  end
end

describe("the documents", function()
  it("link to what is there", function()
    local broken, count = {}, 0
    for _, page in ipairs(pages()) do
      local folder = page:match "^(.*)/" or "."
      for link in text_of(page):gmatch "%]%(([^)#%s]+)[^)]*%)" do
        if not link:match "^%a+://" and not link:match "^mailto:" then
          count = count + 1
          if not file.exists(folder .. "/" .. link) then
            table.insert(broken, page .. ": " .. link)
          end
        end
      end
    end
    assert.truthy(count > 10)
    assert.equal("", table.concat(broken, "\n"))
  end)

  it("link to headings that are there", function()
    local broken, count, anchors = {}, 0, {}
    for _, page in ipairs(pages()) do
      local folder = page:match "^(.*)/" or "."
      for link, anchor in text_of(page):gmatch "%]%(([^)#%s:]*)#([^)%s]+)%)" do
        local target = link == "" and page or folder .. "/" .. link
        anchors[target] = anchors[target] or anchors_of(target)
        count = count + 1
        if not anchors[target][anchor] then
          table.insert(broken, ("%s: %s#%s"):format(page, link, anchor))
        end
      end
    end
    assert.truthy(count > 10)
    assert.equal("", table.concat(broken, "\n"))
  end)

  it("are all in the index, and every decision in the decisions' index", function()
    local missing, count = {}, 0
    for folder, pattern in pairs {
      ["docs"] = "^docs/([%w-]+%.md)$",
      ["docs/adr"] = "^docs/adr/([%w-]+%.md)$",
    } do
      local index = text_of(folder .. "/index.md")
      for _, page in ipairs(pages()) do
        local name = page:match(pattern)
        if name and name ~= "index.md" then
          count = count + 1
          if not index:find("](" .. name .. ")", 1, true) then
            table.insert(missing, page)
          end
        end
      end
    end
    assert.truthy(count > 20)
    assert.equal("", table.concat(missing, "\n"))
  end)

  it("number every decision once, as its title does", function()
    local wrong, seen = {}, {}
    for _, page in ipairs(pages()) do
      local number = page:match "^docs/adr/(%d%d%d%d)%-"
      if number then
        if seen[number] or text_of(page):match "^# (%d+)%. " ~= tostring(tonumber(number)) then
          table.insert(wrong, page)
        end
        seen[number] = true
      end
    end
    assert.truthy(seen["0001"])
    assert.equal("", table.concat(wrong, "\n"))
  end)

  it("hold Lua that compiles", function()
    local broken, count = {}, 0
    for _, page in ipairs(pages()) do
      for block in blocks(page, "lua") do
        count = count + 1
        local ok = load(block, "=" .. page) or load("return " .. block, "=" .. page)
          or load("local _ = {" .. block .. "}", "=" .. page)
        if not ok then
          table.insert(broken, page .. ": " .. select(2, load(block, "=" .. page)))
        end
      end
    end
    assert.truthy(count > 0)
    assert.equal("", table.concat(broken, "\n"))
  end)

  it("hold services that are valid", function()
    local broken, count = {}, 0
    for _, page in ipairs(pages()) do
      for block in blocks(page, "lua") do
        if is_service(block) then
          count = count + 1
          local problem = check(block)
          if problem then
            table.insert(broken, page .. ": " .. problem)
          end
        end
      end
    end
    assert.truthy(count > 1)
    assert.equal("", table.concat(broken, "\n"))
  end)

  it("name every command where commands are listed", function()
    local page, missing = text_of "docs/command-line.md", {}
    for _, word in ipairs(builtin.words()) do
      if not page:find("[^%w-]" .. word:gsub("%-", "%%-") .. "[^%w-]") then
        table.insert(missing, word)
      end
    end
    assert.equal("", table.concat(missing, " "))
  end)

  it("name every flag of every command", function()
    local page, missing = text_of "docs/command-line.md", {}
    for _, word in ipairs(builtin.words()) do
      for flag in pairs(flags_of(builtin.find(word))) do
        if flag:find "^%-%-" and not page:find(flag:gsub("%-", "%%-") .. "[^%w-]") then
          table.insert(missing, word .. " " .. flag)
        end
      end
    end
    table.sort(missing)
    assert.equal("", table.concat(missing, "\n"))
  end)

  it("list the resource types that the local cloud acts out", function()
    local listed, there = {}, {}
    for service, types in text_of("docs/local-cloud.md"):gmatch "\n| `AWS::(%w+)` | ([^\n]+) |" do
      for name in types:gsub("%b()", ""):gmatch "`(%w+)`" do
        local snake = name:gsub("(%l)(%u)", "%1_%2")
        listed[(service .. "_" .. snake):lower()] = true
      end
    end
    for _, name in ipairs(assert(file.list "lua/engine/local/resources")) do
      there[name:match "^(.*)%.lua$" or name] = true
    end
    assert.same(there, listed)
  end)

  it("show commands and flags that exist", function()
    local wrong, count = {}, 0
    for _, page in ipairs(pages()) do
      local run_already = page:match "^examples/" -- word for word, by tests/flow/examples_spec.lua
      for _, language in ipairs(run_already and {} or { "sh", "console" }) do
        for block in blocks(page, language) do
          for line in (block:gsub(" && ", "\n") .. "\n"):gmatch "(.-)\n" do
            count = count + (line:match "^%$?%s*laconic " and 1 or 0)
            local problem = wrong_command(line)
            if problem then
              table.insert(wrong, ("%s: %s: %s"):format(page, line, problem))
            end
          end
        end
      end
    end
    assert.truthy(count > 5)
    assert.equal("", table.concat(wrong, "\n"))
  end)
end)
