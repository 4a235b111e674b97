--- What a build is called: the name that was given, else git's commit, else a digest of the service.
local digest = require "host.digest"
local process = require "host.process"

local build_id = {}

local GIT_TIMEOUT = 5 -- seconds

-- The commit that is checked out where the service stands; nil outside of git, or without it.
local function commit_of(folder)
  local result = process.run {
    "git",
    "-C",
    folder,
    "rev-parse",
    "HEAD",
    error = "discard",
    timeout = GIT_TIMEOUT,
  }
  local text = result and result.status == 0 and result.output or ""
  return text:match "^(%x+)%s*$"
end

--- Finds the id of a build.
---@param path string     the service file
---@param given? string   --build-id
---@return string
function build_id.of(path, given)
  return given
    or commit_of(path:match "^(.*)/[^/]*$" or ".")
    or assert(digest.sha256_file(path)):sub(1, 40)
end

return build_id
