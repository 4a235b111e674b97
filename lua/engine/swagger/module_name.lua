--- Which module answers a path when nothing else says so: its plain segments, joined by '_'.
---
---     module_name "/player/{id}/highscores"  --> "player_highscores"
---     module_name "/{id}"                    --> "root"

---@param path string  that begins with "/"
---@return string
return function(path)
  local name = ""
  for part in (path:sub(2) .. "/"):gmatch "([^/]*)/" do
    if part:sub(1, 1) ~= "{" then
      name = name ~= "" and name .. "_" .. part or part
    end
  end
  return name ~= "" and name or "root"
end
