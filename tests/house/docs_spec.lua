-- What the documents promise: links lead somewhere, and the Lua in them compiles.

local function text_of(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
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

local function exists(path)
  return os.rename(path, path) ~= nil
end

describe("the documents", function()
  it("link to what is there", function()
    local broken, count = {}, 0
    for _, page in ipairs(pages()) do
      local folder = page:match "^(.*)/" or "."
      for link in text_of(page):gmatch "%]%(([^)#%s]+)[^)]*%)" do
        if not link:match "^%a+://" and not link:match "^mailto:" then
          count = count + 1
          if not exists(folder .. "/" .. link) then
            table.insert(broken, page .. ": " .. link)
          end
        end
      end
    end
    assert.truthy(count > 10)
    assert.equal("", table.concat(broken, "\n"))
  end)

  it("hold Lua that compiles", function()
    local broken, count = {}, 0
    for _, page in ipairs(pages()) do
      for block in text_of(page):gmatch "\n```lua\n(.-)\n```" do
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
end)
