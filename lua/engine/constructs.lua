--- What an author said in one word and becomes several resources: an API, a site. Each kind is a file of
--- engine/constructs that says how (engine.Construct); the stages ask here, and know no kind.
local archive_writer = require "host.archive"
local failure = require "engine.failure"
local file = require "host.file"
local folder = require "engine.folder"
local order = require "engine.order"

local constructs = {}

local KINDS <const> = "engine.constructs"

local function kind_of(words)
  return assert(folder.find(KINDS, words.kind), words.kind)
end

--- Checks what belongs together, once the whole file is read.
---@param model engine.Model
function constructs.check(model)
  for _, words in ipairs(model.service.constructs) do
    local kind = kind_of(words)
    if kind.check then
      kind.check(words, model)
    end
  end
end

--- What works, and may not be meant.
---@param model engine.Model
---@return string[]
function constructs.warnings(model)
  local list = {}
  for _, words in ipairs(model.service.constructs) do
    local kind = kind_of(words)
    local own = kind.warnings and kind.warnings(words, model) or {}
    table.move(own, 1, #own, #list + 1, list)
  end
  return list
end

--- What functions get because of constructs: privileges and environment variables.
---@param service engine.Service
---@return table<string, engine.Grant[]>  by the functions' names; each with the place that gives it
function constructs.grants(service)
  local all = {}
  for _, words in ipairs(service.constructs) do
    local kind = kind_of(words)
    local grants = kind.grants and kind.grants(words, service) or {}
    for _, name in ipairs(order.keys(grants)) do
      local grant = grants[name]
      all[name] = all[name] or {}
      table.insert(all[name], {
        privileges = grant.privileges,
        environment = grant.environment,
        where = words.where,
      })
    end
  end
  return all
end

--- The Lua files that run because of them: they travel, and are looked at as the service file is.
---@param model engine.Model
---@return { name: string, path: string, where: string }[]
function constructs.sources(model)
  local list = {}
  for _, words in ipairs(model.service.constructs) do
    local kind = kind_of(words)
    for _, entry in ipairs(kind.sources and kind.sources(words, model) or {}) do
      table.insert(list, { name = entry.name, path = entry.path, where = words.where })
    end
  end
  return list
end

--- Adds what travels in the archive for them.
---@param files engine.compile.Files
---@param model engine.Model
function constructs.add_files(files, model)
  for _, words in ipairs(model.service.constructs) do
    local kind = kind_of(words)
    for _, entry in ipairs(kind.files and kind.files(words, model) or {}) do
      files:add(entry, words.where)
    end
  end
end

local function write_archive(words, wanted, model, build)
  assert(file.make_folder(build.output_dir))
  local path = ("%s/%s.zip"):format(build.output_dir, wanted.name)
  local facts, err = archive_writer.write(path, wanted.entries)
  if not facts then
    local text = "%s '%s': its archive cannot be written"
    failure.raise("invalid", text:format(words.kind, words.name), {
      code = err.kind == "limit" and "E210" or "E206", where = words.where, cause = err,
    })
  end
  local key = ("%s/%s-%s.zip"):format(model.name, wanted.name, facts.sha256:sub(1, 32))
  return { path = path, bytes = facts.bytes, sha256 = facts.sha256, key = key }
end

--- Writes the archives that they bring beside the code's, into the output folder.
---@param model engine.Model
---@param build engine.Build
---@return table<string, engine.Artifact>  by their names
function constructs.archive(model, build)
  local archives = {}
  for _, words in ipairs(model.service.constructs) do
    local kind = kind_of(words)
    for _, wanted in ipairs(kind.archives and kind.archives(words, model) or {}) do
      archives[wanted.name] = write_archive(words, wanted, model, build)
    end
  end
  return archives
end

-- Those that tell of others come after them.
local function in_order(list)
  local ordered = {}
  for _, last in ipairs { false, true } do
    for _, words in ipairs(list) do
      if (kind_of(words).expands_last or false) == last then
        table.insert(ordered, words)
      end
    end
  end
  return ordered
end

local function check_free(taken, what, name, words, where)
  if taken then
    local text = "%s '%s': it makes the %s '%s', and that name is taken: %s"
    failure.raise("invalid", text:format(words.kind, words.name, what, name, taken), {
      code = "E106",
      where = where,
      hint = what == "output" and "rename one of the two, or its output: output = \"…\"" or nil,
    })
  end
end

local function add_output(template, model, words, output)
  local where, key = output.where or words.where, "Outputs." .. output.name
  check_free(model.where[key], "output", output.name, words, where)
  template.Outputs[output.name] = { Description = output.description, Value = output.value }
  model.where[key] = where
end

local function add_mapping(template, model, words, mapping)
  check_free(model.where[mapping.name], "mapping", mapping.name, words, words.where)
  template.Mappings[mapping.name] = mapping.value
  model.where[mapping.name] = words.where
end

--- Adds to the template what they become.
---@param template table
---@param model engine.Model
---@param build engine.Build
function constructs.expand(template, model, build)
  for _, words in ipairs(in_order(model.service.constructs)) do
    local expansion = kind_of(words).expand(words, model, build)
    for _, made in ipairs(expansion.resources) do
      local where = made.where or words.where
      check_free(model.where[made.id], "resource", made.id, words, where)
      template.Resources[made.id] = made.resource
      model.where[made.id] = where
    end
    for _, mapping in ipairs(expansion.mappings or {}) do
      add_mapping(template, model, words, mapping)
    end
    for _, output in ipairs(expansion.outputs or {}) do
      add_output(template, model, words, output)
    end
  end
end

--- Lets each have the last look at the template, once decorators and hooks have run.
---@param template table
---@param model engine.Model
---@param build engine.Build
function constructs.settle(template, model, build)
  for _, words in ipairs(model.service.constructs) do
    local kind = kind_of(words)
    if kind.settle then
      kind.settle(words, template, model, build)
    end
  end
end

return constructs
