--- Stage 7, for CodePipeline: what its CloudFormation action needs, in one archive. No stack changes.
---
--- Holds template.json and <environment>.json with { "Parameters": …, "Tags": … }: a template
--- configuration file, as CodePipeline calls it.
local archive = require "host.archive"
local json = require "host.json"

local code_pipeline = {}

local function as_texts(map)
  local texts = {}
  for key, value in pairs(map or {}) do
    texts[key] = tostring(value)
  end
  return json.object(texts)
end

--- Writes <output_dir>/<name>.zip.
---@param build engine.Build
---@param name string         with or without ".zip"
---@param options engine.Options  env (default "parameters"), params, tags
---@return { path: string, bytes: integer, sha256: string } package
function code_pipeline.write(build, name, options)
  local path = ("%s/%s.zip"):format(build.output_dir, (name:gsub("%.zip$", "")))
  local parameters = as_texts(options.params)
  if (build.template.Parameters or {}).ArtifactBucket then
    parameters.ArtifactBucket = build.bucket
  end
  local configuration = { Parameters = parameters, Tags = as_texts(options.tags) }
  local text = assert(json.encode(configuration, { indent = 2 }))
  local facts = assert(archive.write(path, {
    { name = "template.json", data = build.template_text },
    { name = (options.env or "parameters") .. ".json", data = text .. "\n" },
  }))
  return { path = path, bytes = facts.bytes, sha256 = facts.sha256 }
end

return code_pipeline
