--- Paths of a REST API: "/todos/{id}", "/files/{path+}".
---@module "laconic.rest_api.path"
local path = {}

---@class laconic.rest_api.Segment
---@field text string    as it is written: "{id}"
---@field name? string   of its variable: "id"
---@field greedy? boolean  it stands for all that follows

local function read_segment(text)
  if text:match "^[%w._:-]+$" then
    return { text = text }
  end
  local name, plus = text:match "^{([%w._-]+)(%+?)}$"
  return name and { text = text, name = name, greedy = plus == "+" }
end

local function shape_problem(text)
  if text:sub(1, 1) ~= "/" then
    return "it begins with '/'"
  elseif text:find("//", 1, true) then
    return "'//' holds an empty segment"
  elseif #text > 1 and text:sub(-1) == "/" then
    return "it does not end in '/'"
  end
end

local function segment_problem(segment, text, before, is_last)
  if not segment then
    return ("'%s' is no segment: letters, digits, '.', '_', ':' and '-', or a variable in braces")
      :format(text)
  elseif segment.greedy and not is_last then
    return ("'%s' stands for all that follows: nothing can come after it"):format(text)
  elseif segment.name and before[segment.name] then
    return ("the variable '%s' comes twice"):format(segment.name)
  end
end

--- Takes a path apart.
---@param text string
---@return laconic.rest_api.Segment[]? segments  none for "/"
---@return string? problem
function path.read(text)
  local problem = shape_problem(text)
  local segments, before = {}, {}
  for part in (problem and "" or text):gmatch "[^/]+" do
    local segment = read_segment(part)
    local is_last = #segments + 1 == select(2, text:gsub("/", ""))
    problem = problem or segment_problem(segment, part, before, is_last)
    if problem then
      break
    end
    before[segment.name or ""] = segment.name ~= nil or nil
    table.insert(segments, segment)
  end
  if problem then
    return nil, problem
  end
  return segments
end

--- Where two paths of one API part at variables of different names, which API Gateway has no room
--- for: "/a/{id}/b" and "/a/{name}" do.
---@param segments laconic.rest_api.Segment[]
---@param others laconic.rest_api.Segment[]
---@return string? mine   "{id}"
---@return string? theirs
function path.clash(segments, others)
  for i, segment in ipairs(segments) do
    local other = others[i]
    if not other then
      return nil
    elseif segment.text ~= other.text then
      if segment.name and other.name then
        return segment.text, other.text
      end
      return nil
    end
  end
end

return path
