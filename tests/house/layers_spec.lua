-- Who may include and who may require whom. A rule that no test holds is a wish.

local function lines_of(path)
  local list = {}
  for line in io.lines(path) do
    table.insert(list, line)
  end
  return list
end

local function files(pattern)
  local list = {}
  local pipe = assert(io.popen("git ls-files --cached --others --exclude-standard -- " .. pattern))
  for path in pipe:lines() do
    table.insert(list, path)
  end
  pipe:close()
  return list
end

local function includes(path)
  local list = {}
  for number, line in ipairs(lines_of(path)) do
    local header = line:match '^%s*#%s*include%s*[<"]([^>"]+)[>"]'
    if header then
      table.insert(list, { name = header, where = path .. ":" .. number })
    end
  end
  return list
end

local function requires(path)
  local list = {}
  for number, line in ipairs(lines_of(path)) do
    local code = line:gsub("%-%-.*$", "")
    for module in code:gmatch "require%s*%(?%s*[\"']([%w_.]+)[\"']" do
      table.insert(list, { name = module, where = path .. ":" .. number })
    end
  end
  return list
end

-- Fails with every place that breaks the rule, and when there was nothing to look at.
local function hold(rule, read, patterns, breaks)
  local broken, count = {}, 0
  for _, path in ipairs(files(patterns)) do
    count = count + 1
    for _, item in ipairs(read(path)) do
      if breaks(path, item.name) then
        table.insert(broken, ("%s: %s"):format(item.where, item.name))
      end
    end
  end
  assert.truthy(count > 0, rule .. ": nothing was looked at")
  assert.equal("", table.concat(broken, "\n"), rule)
end

local LUA_HEADERS = { ["lua.h"] = true, ["lauxlib.h"] = true, ["lualib.h"] = true }

-- Where each library's header may be seen.
local LIBRARY_HOMES = {
  { "^curl/", { ["host/core/http_private.h"] = true } },
  { "^zip%.h$", { ["host/core/archive_private.h"] = true } },
  { "^libdeflate%.h$", {
    ["host/core/content_coding.c"] = true, ["host/core/gzip.c"] = true,
    ["host/core/packed.c"] = true,
  } },
  { "cJSON%.h$", { ["host/core/template.h"] = true } },
  { "^openssl/", {
    ["host/core/buf.c"] = true, ["host/core/digest.c"] = true, ["host/core/rsa.c"] = true,
  } },
  { "^yaml%.h$", { ["host/core/yaml.c"] = true } },
  { "^expat%.h$", { ["host/core/xml.c"] = true } },
  { "^histedit%.h$", { ["host/core/terminal.c"] = true } },
  { "^editline/", { ["host/core/terminal.c"] = true } },
}

local WORDS_MAY_REQUIRE = {
  ["engine.check"] = true,
  ["engine.failure"] = true,
  ["engine.folder"] = true,
  ["host.json"] = true,
  ["host.digest"] = true,
}

-- What writes Lua files for others holds what they require as text.
local HOLDS_TEXT = {
  ["lua/engine/commands/new.lua"] = true,
  ["lua/engine/swagger/client.lua"] = true,
}

-- A word that makes a handler names what that does in Lambda, where it is loaded with the first event.
local HANDLERS_OF_WORDS = {
  ["stdlib/laconic/constructs/api.lua"] = "engine.runtime.service_api",
  ["stdlib/laconic/constructs/site.lua"] = "engine.runtime.site",
  ["stdlib/laconic/custom_resource.lua"] = "engine.runtime.custom_resource",
}

-- What handlers call while they run stands in files of its own, which may act; words require none
-- of them.
local RUN_TIME = {
  "api_client", "aws", "connections", "discovery", "errors", "event", "metrics", "response",
  "result", "secrets", "service_api", "xray",
}

local function is_run_time(module)
  for _, name in ipairs(RUN_TIME) do
    local own = "laconic." .. name
    if module == own or module:sub(1, #own + 1) == own .. "." then
      return true
    end
  end
  return false
end

local function module_of(path)
  return (path:gsub("^stdlib/", ""):gsub("%.lua$", ""):gsub("/", "."):gsub("%.init$", ""))
end

local STAGES, STAGE_FILES = {}, {}
for _, name in ipairs {
  "code_pipeline",
  "definition",
  "delete",
  "inplace",
  "model",
  "verify",
  "compile",
  "archive",
  "upload",
  "generate",
  "marshal",
  "apply",
  "wait",
} do
  STAGES["engine." .. name] = true
  STAGE_FILES["lua/engine/" .. name .. ".lua"] = "engine." .. name
end

local FORBIDDEN_NAMES = {
  util = true,
  utils = true,
  misc = true,
  common = true,
  helpers = true,
  system = true,
  manager = true,
}

describe("the house", function()
  it("keeps Lua out of the core", function()
    hold("host/core includes no Lua, no bind, no vm", includes, "'host/core/*.[ch]'",
      function(_, header)
        return LUA_HEADERS[header] or header:match "^bind/" or header:match "^vm/"
      end)
  end)

  it("lets a binding see bind.h and the core, and no other binding", function()
    hold("host/bind includes core and bind.h", includes, "'host/bind/*.[ch]'",
      function(_, header)
        return header:match "^vm/" or header:match "_lua%.[ch]$"
      end)
  end)

  it("lets the state see the table of bindings, and of the core the interrupt alone", function()
    hold("host/vm", includes, "'host/vm/*.[ch]' host/main.c", function(_, header)
      return header:match "^core/" and header ~= "core/interrupt.h"
    end)
  end)

  it("stops each library's header at one file", function()
    hold("third-party headers have one home", includes, "'host/*.[ch]'", function(path, header)
      for _, home in ipairs(LIBRARY_HOMES) do
        if header:match(home[1]) and not home[2][path] then
          return true
        end
      end
    end)
  end)

  it("shows a private header to its own pair alone", function()
    hold("x_private.h is included by x*.c", includes, "'host/*.[ch]' 'tests/*.[ch]'",
      function(path, header)
        local owner = header:match "^core/([%w_]+)_private%.h$"
        return owner and path:sub(1, #"host/core/" + #owner) ~= "host/core/" .. owner
      end)
  end)

  it("keeps the vocabulary from acting", function()
    hold("words require words and five leaf modules", requires, "'stdlib/*.lua'",
      function(path, module)
        if is_run_time(module_of(path)) then
          return STAGES[module]
        elseif HANDLERS_OF_WORDS[path] == module then
          return false
        end
        return not module:match "^laconic" and not WORDS_MAY_REQUIRE[module] or is_run_time(module)
      end)
  end)

  it("keeps the engine free of the vocabulary", function()
    hold("engine.* never requires laconic.*", requires, "'lua/*.lua'", function(path, module)
      return module:match "^laconic" and not HOLDS_TEXT[path]
    end)
  end)

  it("keeps the stages apart", function()
    hold("a stage requires no other stage", requires, "'lua/engine/*.lua'", function(path, module)
      local own = STAGE_FILES[path]
      return own and STAGES[module] and module ~= own
    end)
  end)

  it("sends AWS's requests through one file", function()
    hold("only engine/aws.lua calls host.aws_request", requires, "'lua/*.lua' 'stdlib/*.lua'",
      function(path, module)
        return module == "host.aws_request" and path ~= "lua/engine/aws.lua"
      end)
  end)

  it("prints in commands alone", function()
    local function prints(path)
      local list = {}
      for number, line in ipairs(lines_of(path)) do
        if line:gsub("%-%-.*$", ""):match "^%s*print[%s({]" then
          table.insert(list, { name = "print", where = path .. ":" .. number })
        end
      end
      return list
    end
    hold("print belongs to engine/commands", prints, "'lua/engine/*.lua'", function(path)
      return not path:match "^lua/engine/commands/"
    end)
  end)

  it("sorts what a file requires", function()
    local function unsorted(path)
      local list, before = {}, nil
      for number, line in ipairs(lines_of(path)) do
        local name = line:match "^local ([%w_]+) = require"
        if before and not name then
          break
        elseif before and name < before then
          table.insert(list, { name = name, where = path .. ":" .. number })
        end
        before = name
      end
      return list
    end
    hold("requires stand in the order of their names", unsorted, "'lua/*.lua' 'stdlib/*.lua'",
      function()
        return true
      end)
  end)

  it("has no drawer for odds and ends", function()
    local function parts(path)
      local list = {}
      for part in path:gmatch "[^/]+" do
        table.insert(list, { name = (part:gsub("%..*$", "")), where = path })
      end
      return list
    end
    hold("no util, misc, helpers", parts, "host lua stdlib", function(_, part)
      return FORBIDDEN_NAMES[part]
    end)
  end)

  it("gives every primitive its contract and its tests", function()
    local function wanted(path)
      local name = path:match "([%w_]+)_lua%.c$"
      return {
        { name = "host/bind/meta/" .. name .. ".lua", where = path },
        { name = "tests/bind/" .. name .. "_spec.lua", where = path },
      }
    end
    hold("a primitive has a stub and a spec", wanted, "'host/bind/*_lua.c'", function(_, path)
      local file = io.open(path)
      return not file or not file:close()
    end)
  end)

  it("declares in each stub just what the primitive has", function()
    local function differences(path)
      local name = path:match "([%w_]+)_lua%.c$"
      local module, list = require("host." .. name), {}
      local text = table.concat(lines_of("host/bind/meta/" .. name .. ".lua"), "\n")
      local subject = text:match "return ([%w_]+)%s*$"
      for key in pairs(module) do
        if not text:find(subject .. "." .. key, 1, true) then
          table.insert(list, { name = key .. " is not in its stub", where = path })
        end
      end
      for key in text:gmatch("function " .. subject .. "%.([%w_]+)") do
        if module[key] == nil then
          table.insert(list, { name = key .. " is in the stub only", where = path })
        end
      end
      return list
    end
    hold("stubs and primitives agree", differences, "'host/bind/*_lua.c'", function()
      return true
    end)
  end)

  it("writes C comments as /* */", function()
    local function comments(path)
      local list = {}
      for number, line in ipairs(lines_of(path)) do
        local code = line:gsub('\\"', ""):gsub('"[^"]*"', '""')
        if code:match "//" and not code:match "^%s*/?%*" and not code:match "/%*.*//" then
          table.insert(list, { name = line, where = path .. ":" .. number })
        end
      end
      return list
    end
    hold("// is for no one", comments, "'host/*.[ch]' 'tests/*.[ch]'", function()
      return true
    end)
  end)
end)
