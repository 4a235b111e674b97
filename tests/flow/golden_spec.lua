-- Each folder here is a service and the template it must give: text against text. UPDATE=1 writes
-- the texts anew; then the difference is reviewed.
local constructs = require "engine.constructs"
local definition = require "engine.definition"
local file = require "host.file"
local generate = require "engine.generate"
local marshal = require "engine.marshal"
local model = require "engine.model"

local HOME = debug.getinfo(1, "S").source:match "^@(.*)golden_spec%.lua$"

local CODE = { key = "the-service/code-0123456789abcdef0123456789abcdef.zip" }

local function template_of(path, folder)
  local service = definition.load(path)
  local meant = model.build(service, {})
  local build = { code = CODE, output_dir = folder, role_arns = {}, model = meant, values = {},
    options = {} }
  build.archives = constructs.archive(meant, build)
  local template = generate.build(meant, build)
  generate.settle(meant, build)
  return marshal.write(template, meant, build)
end

local function golden(path)
  local expected = path:gsub("service%.lua$", "template.json")
  it("gives " .. expected:match "([^/]+/[^/]+)$", function()
    local folder <close> = setmetatable({ path = assert(file.temporary_folder()) }, {
      __close = function(self)
        assert(file.remove_tree(self.path))
      end,
    })

    local text = template_of(path, folder.path)

    if os.getenv "UPDATE" then
      assert(file.write(expected, text))
    end
    assert.equal(assert(file.read(expected)), text)
    assert.equal(text, assert(file.read(folder.path .. "/template.json")))
  end)
end

describe("the template", function()
  for _, case in ipairs(assert(file.list(HOME))) do
    local path = HOME .. case .. "/service.lua"
    if file.exists(path) then
      golden(path)
    end
  end

  for _, name in ipairs(assert(file.list(HOME .. "../../examples"))) do
    local path = HOME .. "../../examples/" .. name .. "/service.lua"
    if file.exists(path) then
      golden(path)
    end
  end
end)
