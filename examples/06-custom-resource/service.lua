-- Objects that belong to the stack: put when it is created, changed with it, and gone with it.
local laconic = require "laconic"

local service = laconic.service { name = "board", description = "A notice board" }

local board = service:resource { name = "Board", type = "AWS::S3::Bucket" }

local LONGEST = 80

local function put(request, context)
  local notice = request.properties
  if #notice.Text > LONGEST then
    error(("a notice has %d letters at most, and this one %d"):format(LONGEST, #notice.Text))
  end
  require("laconic.aws.s3").put {
    bucket = notice.Bucket,
    key = notice.Key,
    body = notice.Text .. "\n",
    content_type = "text/plain",
    metadata = { pinned = tostring(notice.Pinned) }, -- a boolean, as it is below
  }
  context.log.info("put", { key = notice.Key })
  return { Key = notice.Key, Letters = #notice.Text }
end

-- Another place is another notice; another text is a change of the one that is there.
local notice = service:custom_resource_type {
  name = "Notice",
  identity = { "Bucket", "Key" },
  timeout = 20,
  privileges = {
    { actions = { "s3:PutObject", "s3:DeleteObject" }, resource = board.arn .. "/*" },
  },
  handler = {
    create = put,
    update = put,
    delete = function(request)
      local s3 = require "laconic.aws.s3"
      s3.delete { bucket = request.properties.Bucket, key = request.properties.Key }
    end,
  },
}

local welcome = service:custom_resource {
  name = "Welcome",
  type = notice,
  properties = { Bucket = board.ref, Key = "welcome.txt", Text = "Welcome!", Pinned = true },
}

local hours = service:custom_resource {
  name = "Hours",
  type = notice,
  properties = { Bucket = board.ref, Key = "hours.txt", Text = "Open from 9 to 5", Pinned = false },
}

service:lambda {
  name = "read",
  timeout = 10,
  environment = { BOARD = board.ref, WELCOME = welcome:att "Key" },
  depends_on = hours, -- which it does not name, and whose notice it reads
  privileges = {
    { actions = { "s3:GetObject" }, resource = board.arn .. "/*" },
    { actions = { "s3:ListBucket" }, resource = board.arn },
  },
  handler = function()
    local s3 = require "laconic.aws.s3"
    local keys = {}
    for object in s3.list { bucket = os.getenv "BOARD" } do
      table.insert(keys, object.key)
    end
    local first = s3.get { bucket = os.getenv "BOARD", key = os.getenv "WELCOME" }
    return { keys = keys, first = first.body, pinned = first.metadata.pinned }
  end,
}

return service
