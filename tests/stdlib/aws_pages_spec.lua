local asked_aws = dofile "tests/stdlib/asked_aws.lua"

local function collect(client, action, params, field)
  local all = {}
  for page in client:pages(action, params) do
    for _, item in ipairs(page[field]) do
      table.insert(all, item)
    end
  end
  return all
end

describe("client:pages", function()
  it("hands the token of an answer to the next call, under the parameter's own name", function()
    local client, asked = asked_aws("dynamodb", {
      { json = { Items = { 1, 2 }, LastEvaluatedKey = { id = { S = "2" } } } },
      { json = { Items = { 3 } } },
    })
    local params = { TableName = "t" }

    assert.same({ 1, 2, 3 }, collect(client, "Scan", params, "Items"))
    assert.same({ TableName = "t", ExclusiveStartKey = { id = { S = "2" } } }, asked[2].json)
    assert.same({ TableName = "t" }, params)
  end)

  it("knows where the two names differ", function()
    local client, asked = asked_aws("logs", {
      { json = { events = { "a" }, nextForwardToken = "f/1", nextBackwardToken = "b/1" } },
      { json = { events = { "b" }, nextForwardToken = "f/2", nextBackwardToken = "b/2" } },
      { json = { events = {}, nextForwardToken = "f/2", nextBackwardToken = "b/2" } },
    })

    assert.same({ "a", "b" }, collect(client, "GetLogEvents", {}, "events"))
    assert.equal("f/2", asked[3].json.nextToken)
    assert.equal(3, #asked)
  end)

  it("asks for a page when its turn has come, and no sooner", function()
    local client, asked = asked_aws("ssm", { { json = { Parameters = {}, NextToken = "t" } } })

    local pages = client:pages("DescribeParameters")
    assert.equal(0, #asked)
    pages()
    assert.equal(1, #asked)
  end)

  it("takes a token that comes back unchanged, or empty, for the end", function()
    local same, asked = asked_aws("states", { { json = { l = { 1 }, nextToken = "t" } } })
    local empty = asked_aws("iam", {
      { body = "<ListRolesResponse><ListRolesResult><Marker></Marker></ListRolesResult>"
        .. "</ListRolesResponse>" },
    })

    assert.same({ 1, 1 }, collect(same, "ListActivities", {}, "l"))
    assert.equal(2, #asked)
    local count = 0
    for _ in empty:pages "ListRoles" do
      count = count + 1
    end
    assert.equal(1, count)
  end)
end)
