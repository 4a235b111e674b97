local laconic = require "laconic"
local aws = require "laconic.aws"
local s3 = require "laconic.aws.s3"

local service = laconic.service { name = "notes", description = "Keeps notes in a bucket" }

local notes = service:resource { name = "Notes", type = "AWS::S3::Bucket" }

local function key_of(title)
  return "notes/" .. title .. ".txt"
end

service:lambda {
  name = "write",
  environment = { BUCKET = notes.ref },
  privileges = { { actions = "s3:PutObject", resource = notes.arn .. "/notes/*" } },
  handler = function(event)
    local put = s3.put {
      bucket = os.getenv "BUCKET",
      key = key_of(event.title),
      body = event.text,
      content_type = "text/plain",
      metadata = { by = event.by },
    }
    return { etag = put.etag }
  end,
}

service:lambda {
  name = "read",
  environment = { BUCKET = notes.ref },
  privileges = {
    { actions = "s3:GetObject", resource = notes.arn .. "/notes/*" },
    { actions = "s3:ListBucket", resource = notes.arn },
  },
  handler = function(event)
    local bucket, titles = os.getenv "BUCKET", {}
    local note = s3.get { bucket = bucket, key = key_of(event.title) }
    for object in s3.list { bucket = bucket, prefix = "notes/" } do
      table.insert(titles, object.key:match "^notes/(.*)%.txt$")
    end
    return { text = note.body, by = note.metadata.by, titles = titles }
  end,
}

-- A command calls AWS as a handler does; as whom and where, its flags say.
service:command {
  name = "burn",
  summary = "Delete all notes",
  flags = {},
  run = function(_, host)
    local bucket = aws.client("cloudformation"):call("DescribeStackResource", {
      StackName = host.service.name,
      LogicalResourceId = notes.name,
    }).StackResourceDetail.PhysicalResourceId
    for note in s3.list { bucket = bucket } do
      s3.delete { bucket = bucket, key = note.key }
      print("burnt " .. note.key)
    end
    return 0
  end,
}

return service
