-- Our validator beside go-openapi's, on its own fixtures; and what processing makes of those that are
-- valid, for others to judge. check_swagger runs this, with the verdicts of go_swagger.
local document_file = require "engine.swagger.document"
local file = require "host.file"
local json = require "host.json"
local process = require "engine.swagger.process"
local twin = require "engine.twin"
local validate = require "engine.swagger.validate"

local VERDICTS <const> = assert(os.getenv "LACONIC_VERDICTS")
local FOLDER <const> = assert(os.getenv "LACONIC_JUDGED")

-- Measured with go-openapi/validate 0.24.0: of 138 valid and 128 invalid documents that refer to no
-- other file. Where we differ:
--   refused by us: parameters that are a part of a path's segment, which API Gateway does not route
--   (4); responses that are null (5), a pointer without its slash, and fields that Swagger does not know
--   (2), all of which go-openapi lets pass; defaults of lists in lists without required properties (3).
--   accepted by us: properties that a child repeats, which Swagger does not forbid (3); what stands
--   behind the $ref of a path (2); defaults beyond a format such as uint32 (2).
local LEAST_VALID <const>, LEAST_INVALID <const> = 124, 121

-- The other valid ones have parameters in headers or forms, bodies of GET, or two names for one place
-- of their paths.
local LEAST_PROCESSED <const> = 101

-- References to other files are refused by us whatever is in them.
local function refers_outside(value)
  if type(value) ~= "table" then
    return false
  end
  for key, item in pairs(value) do
    local outside = key == "$ref" and type(item) == "string" and item:sub(1, 1) ~= "#"
    if outside or refers_outside(item) then
      return true
    end
  end
  return false
end

local function rows()
  local list = {}
  for line in io.lines(VERDICTS) do
    local row = assert(json.decode(line))
    if not refers_outside(row.document) then
      table.insert(list, row)
    end
  end
  return list
end

describe("descriptions that others judge", function()
  local valid, invalid, agreed_valid, agreed_invalid, processed = 0, 0, 0, 0, 0

  it("are judged alike", function()
    for _, row in ipairs(rows()) do
      local ours = validate.problems(row.document).count == 0
      if row.valid then
        valid, agreed_valid = valid + 1, agreed_valid + (ours and 1 or 0)
      else
        invalid, agreed_invalid = invalid + 1, agreed_invalid + (ours and 0 or 1)
      end
    end
    print(("valid: %d of %d alike, invalid: %d of %d"):format(agreed_valid, valid, agreed_invalid,
      invalid))
    assert.truthy(agreed_valid >= LEAST_VALID)
    assert.truthy(agreed_invalid >= LEAST_INVALID)
  end)

  it("become others, or are refused by their place", function()
    for _, kind in ipairs { "originals", "processed" } do
      assert(file.remove_tree(FOLDER .. "/" .. kind))
      assert(file.make_folder(FOLDER .. "/" .. kind))
    end
    local function write(kind, number, document)
      local path = ("%s/%s/%03d.json"):format(FOLDER, kind, number)
      assert(file.write(path, document_file.text(document)))
    end
    for i, row in ipairs(rows()) do
      if row.valid then
        local original = twin.deep(row.document)
        local ok, result = pcall(process.run, row.document, row.file)
        if ok then
          processed = processed + 1
          write("originals", i, original)
          write("processed", i, result.document)
        else
          assert.truthy(type(result) == "table" and result.problems, tostring(result))
        end
      end
    end
    print(processed .. " processed")
    assert.truthy(processed >= LEAST_PROCESSED)
  end)
end)
