local file = require "host.file"
local generate = require "engine.generate"
local laconic = require "laconic"
local model = require "engine.model"

local constructs = require "engine.constructs"
local engine_site = require "engine.constructs.site"

local folder, service

local function write(files)
  for name, text in pairs(files) do
    assert(file.make_folder((folder .. "/" .. name):match "^(.*)/"))
    assert(file.write(folder .. "/" .. name, text))
  end
end

-- The template, as the stages make it; and the archives of the build.
local function built()
  service.path = folder .. "/service.lua"
  local meant = model.build(service, {})
  local build = { code = { key = "k" }, role_arns = {}, output_dir = folder .. "/out" }
  build.archives = constructs.archive(meant, build)
  return generate.build(meant, build), build.archives, meant
end

describe("service:site", function()
  before_each(function()
    folder = assert(file.temporary_folder())
    service = laconic.service { name = "pages" }
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("is a bucket that anybody may read, filled from an archive of the folder", function()
    write { ["site/index.html"] = "hi", ["site/.git/config"] = "x", ["site/a/b.css"] = "c" }
    local site = service:site { folder = "site", index = "i.html", user_data = { n = 1 } }

    local template, archives, meant = built()
    local names = {}
    for _, entry in ipairs(assert(require("host.archive").list(archives.Site.path))) do
      table.insert(names, entry.name)
    end

    assert.same({ "a/b.css", "index.html" }, names)
    assert.matches("^pages/Site%-%x+%.zip$", archives.Site.key)
    local bucket = template.Resources.SiteBucket.Properties
    assert.same({ IndexDocument = "i.html", ErrorDocument = "error.html" },
      bucket.WebsiteConfiguration)
    local statement = template.Resources.SitePolicy.Properties.PolicyDocument.Statement[1]
    assert.equal("s3:GetObject", statement.Action)
    local files = template.Resources.SiteFiles
    assert.equal("Custom::SiteFiles", files.Type)
    assert.equal(archives.Site.key, files.Properties.SourceKey)
    assert.equal('{"n":1}', files.Properties.UserData)
    assert.same({ ["Fn::GetAtt"] = { "SiteBucket", "WebsiteURL" } }, template.Outputs.SiteUrl.Value)
    assert.same({ ["Fn::GetAtt"] = { "SiteBucket", "WebsiteURL" } }, site.url)
    assert.same({ Ref = "SiteBucket" }, site.bucket)
    assert.matches("site_spec%.lua:%d+$", meant.where.SiteFiles)
  end)

  it("tells of the other constructs' outputs, wherever they are said, and of none of the author's",
    function()
      write { ["site/index.html"] = "hi" }
      service:site { folder = "site" }
      service:output { name = "Mine", value = "x" }
      package.loaded["laconic.constructs.gate"] = function(self)
        return require("laconic.service").add_construct(self, "gate", { name = "front" })
      end
      package.loaded["engine.constructs.gate"] = {
        expand = function()
          local output = { name = "FrontUrl", value = { Ref = "Front" }, description = "Where" }
          return { resources = {}, outputs = { output } }
        end,
      }
      service:gate()
      package.loaded["laconic.constructs.gate"] = nil

      local template = built()
      package.loaded["engine.constructs.gate"] = nil

      assert.same({ FrontUrl = { Description = "Where", Value = { Ref = "Front" } } },
        template.Resources.SiteFiles.Properties.Outputs)
    end)

  it("changes its key with its files alone", function()
    write { ["site/index.html"] = "hi" }
    service:site { folder = "site" }
    local _, first = built()
    local _, again = built()
    assert.equal(first.Site.key, again.Site.key)
    write { ["site/index.html"] = "ho" }
    local _, other = built()
    assert.not_equal(first.Site.key, other.Site.key)
  end)

  it("keeps to itself what tools and editors leave in the folder", function()
    write {
      ["site/.DS_Store"] = "", ["site/.env"] = "KEY=1", ["site/.env.local"] = "",
      ["site/.git/config"] = "", ["site/a/.env"] = "", ["site/a/.git/HEAD"] = "",
      ["site/index.html~"] = "",
      ["site/.environment/x"] = "", ["site/.well-known/security.txt"] = "", ["site/a.env"] = "",
      ["site/index.html"] = "hi",
    }
    service:site { folder = "site" }
    service.path = folder .. "/service.lua"
    local names, meant = {}, model.build(service, {})
    for _, entry in ipairs(engine_site.archives(service.constructs[1], meant)[1].entries) do
      table.insert(names, entry.name)
    end
    table.sort(names)
    assert.same({ ".environment/x", ".well-known/security.txt", "a.env", "index.html" }, names)
  end)

  it("refuses a folder that is not there, is empty, or brings a MANIFEST.json", function()
    service:site { folder = "site" }
    assert.error_matches("site 'site': the folder 'site' cannot be read", built)
    assert(file.make_folder(folder .. "/site"))
    assert.error_matches("site 'site': there is no file in 'site'", built)
    write { ["site/MANIFEST.json"] = "{}" }
    assert.error_matches("'site/MANIFEST.json' would be overwritten", built)
  end)

  it("blames the author for what it cannot take", function()
    for text, options in pairs {
      ["site: unknown field 'foldr' %(did you mean 'folder'%?%)"] = { foldr = "x" },
      ["site: field 'folder' is missing"] = {},
      ["site.index: the name of a file in every folder"] = { folder = "x", index = "a/b" },
      ["site.error: a name without '/'"] = { folder = "x", error = "/e" },
      ["site.user_data"] = { folder = "x", user_data = { f = print } },
      ["'my site' is not a site's name"] = { folder = "x", name = "my site" },
      ["site.bucket: 'Mine' is not a bucket's name"] = { folder = "x", bucket = "Mine" },
      ["site.cache_control: one line"] = { folder = "x", cache_control = "no-cache\r\nX: 1" },
    } do
      assert.error_matches(text, function()
        service:site(options)
      end)
    end
  end)
end)
