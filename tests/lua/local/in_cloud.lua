--- A local cloud of a test's own: opened in a new folder, serving, gone afterwards. The body runs as
--- a task; what it raises is raised.
local cloud = require "engine.local.cloud"
local file = require "host.file"
local loop = require "engine.local.loop"

--- Calls `body(opened, folder)`; with `folder` given, the cloud is opened there and the folder stays.
return function(body, folder)
  local own = not folder and assert(file.temporary_folder())
  local opened = cloud.open { folder = (folder or own) .. "/state" }
  local ok, problem = pcall(loop.run, function()
    loop.spawn(opened.serve, opened)
    body(opened, folder or own)
  end)
  opened:close()
  if own then
    file.remove_tree(own)
  end
  if not ok then
    error(problem, 0)
  end
end
