local laconic = require "laconic"

local service, api, fn

local function nothing() end

-- The line of the caller.
local function here()
  return debug.getinfo(2, "l").currentline
end

-- `fn` makes a mistake on that line, and is told so.
local function blames(line, text, mistake)
  local raised = assert.error_matches(text, mistake)
  assert.matches("rest_api_spec%.lua:" .. line .. "$", raised.where)
  assert.equal("invalid", raised.kind)
end

local function method(options)
  options.path = options.path or "/todos"
  options.verb = options.verb or "GET"
  if not options.integration then
    options.lambda = options.lambda or fn
  end
  api:method(options)
end

describe("service:rest_api", function()
  before_each(function()
    service = laconic.service { name = "shop" }
    fn = service:lambda { name = "todos", handler = nothing }
    api = service:rest_api { name = "front-door", stage = "v1" }
  end)

  it("gives what others need to name it", function()
    assert.equal("front-door", api.name)
    assert.equal("v1", api.stage)
    assert.same({ Ref = "FrontDoorApi" }, api.id)
    assert.same({
      ["Fn::Sub"] = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}"
        .. ":${FrontDoorApi}",
    }, api.execute_arn)
    assert.same({ ["Fn::GetAtt"] = { "FrontDoorApi", "RootResourceId" } }, api.root_resource_id)
    assert.same({
      ["Fn::Sub"] = "https://${FrontDoorApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/v1",
    }, api.url)
    assert.matches('{FrontDoorApi}"},"/v1/GET/todos/%*"%]%]}$',
      tostring(api:arn { verb = "GET", path = "/todos/*" }))
    assert.matches('"/v1/%*/%*"%]%]}$', tostring(api:arn()))
  end)

  it("is at its domain when it has one", function()
    local domain = { name = "a.b.api.example.com", certificate = "arn:aws:acm:…", path = "v1" }
    local known = service:rest_api { name = "known", domain = domain }

    assert.equal('{"Fn::Join":["",["https://",{"Ref":"Name"},"/v1"]]}', tostring(service:rest_api {
      name = "other",
      domain = { name = laconic.cfn.ref "Name", certificate = "arn", path = "v1" },
    }.url))
    assert.equal("https://a.b.api.example.com/v1", known.url)
  end)

  it("keeps the author's line of each method", function()
    api:method { path = "/a", verb = "GET", lambda = fn }
    local line = here() - 1

    assert.matches("rest_api_spec%.lua:" .. line .. "$", service.constructs[1].methods[1].where)
  end)

  it("refuses what is misspelt, with the nearest name", function()
    blames(here() + 1, "rest_api: unknown field 'stages' %(did you mean 'stage'%?%)", function()
      service:rest_api { name = "x", stages = "v1" }
    end)
    blames(here() + 1, "stage: unknown field 'tracin' %(did you mean 'tracing'%?%)", function()
      service:rest_api { name = "x", stage = { tracin = true } }
    end)
    blames(here() + 1, "cors: unknown field 'alow_origins' %(did you mean 'allow_or", function()
      service:rest_api { name = "x", cors = { alow_origins = { "*" } } }
    end)
    assert.error_matches("method: unknown field 'paht'", function()
      method { paht = "/" }
    end)
    assert.error_matches("unknown verb 'GTE' %(did you mean 'GET'%?%)", function()
      method { verb = "GTE" }
    end)
    assert.error_matches("unknown verb 'get' %(did you mean 'GET'%?%)", function()
      method { verb = "get" }
    end)
    assert.error_matches("method.query.page: string \"requird\".*mean 'required'", function()
      method { query = { page = "requird" } }
    end)
    assert.error_matches("unknown field 'urll' %(did you mean 'url'%?%)", function()
      return api.urll
    end)
  end)

  it("refuses paths that API Gateway would refuse, saying why", function()
    for path, why in pairs {
      ["todos"] = "begins with '/'",
      ["/a//b"] = "'//' holds an empty segment",
      ["/a/"] = "does not end in '/'",
      ["/a b"] = "'a b' is no segment",
      ["/{a"] = "'{a' is no segment",
      ["/{a}x"] = "'{a}x' is no segment",
      ["/{a}/{a}"] = "the variable 'a' comes twice",
      ["/{rest%+}/b"] = "is no segment",
      ["/{rest+}/b"] = "nothing can come after it",
    } do
      assert.error_matches(why, function()
        method { path = path }
      end)
    end
  end)

  it("refuses the same method twice, naming both lines", function()
    api:method { path = "/todos", verb = "GET", lambda = fn }
    local first = here() - 1

    blames(here() + 1, "GET /todos is there already: .*rest_api_spec%.lua:" .. first, function()
      api:method { path = "/todos", verb = "GET", lambda = fn }
    end)
  end)

  it("takes two verbs of one path by different functions", function()
    local other = service:lambda { name = "other", handler = nothing }
    api:method { path = "/todos", verb = "GET", lambda = fn }
    api:method { path = "/todos", verb = "POST", lambda = other }

    local methods = service.constructs[1].methods
    assert.equal("TodosFunction", methods[1].target.id)
    assert.equal("OtherFunction", methods[2].target.id)
  end)

  it("refuses two names for the variable at one place", function()
    api:method { path = "/todos/{id}/lines", verb = "GET", lambda = fn }
    local first = here() - 1

    blames(here() + 2, "'{name}' stands where /todos/{id}/lines has '{id}': .*lua:" .. first,
      function()
        api:method { path = "/todos/{name}", verb = "GET", lambda = fn }
      end)
    assert.error_matches("'{rest%+}' stands where", function()
      method { path = "/todos/{rest+}" }
    end)
    method { path = "/todos/all" }
    method { path = "/todos/{id}" }
  end)

  it("wants a function or an integration, and not both", function()
    assert.error_matches("one of 'lambda' and 'integration' is needed", function()
      api:method { path = "/", verb = "GET" }
    end)
    assert.error_matches("one of 'lambda' and 'integration' is needed", function()
      api:method { path = "/", verb = "GET", lambda = fn, integration = { Type = "MOCK" } }
    end)
    assert.error_matches("what service:lambda returned expected", function()
      api:method { path = "/", verb = "GET", lambda = service:resource "Other" }
    end)
    local raised = assert.error_matches("what service:lambda returned expected", function()
      api:method { path = "/", verb = "GET", lambda = "todos" }
    end)
    assert.equal('say service:lambda "todos"', raised.hint)
    api:method { path = "/", verb = "GET", lambda = laconic.cfn.import_value "Elsewhere" }
  end)

  it("wants an integration of a kind that there is", function()
    assert.error_matches("method.integration: field 'Type' is missing", function()
      method { integration = { type = "MOCK" } }
    end)
    assert.error_matches("integration.Type: string \"MOK\" is not one of .* %(did you mean 'MOCK'",
      function()
        method { integration = { Type = "MOK" } }
      end)
  end)

  it("refuses options that a proxy integration would pass over", function()
    assert.error_matches("method.status: with 'proxy' the request and the answer are not mapped",
      function()
        method { proxy = true, status = 201 }
      end)
    assert.error_matches("method.content_types: 'integration' says all of it itself", function()
      method { integration = { Type = "MOCK" }, content_types = { "text/plain" } }
    end)
  end)

  it("refuses statuses that HTTP does not have", function()
    assert.error_matches("299 is no status of HTTP", function()
      method { statuses = { 200, 299 } }
    end)
    assert.error_matches("method.statuses: string \"al\" is not one of all", function()
      method { statuses = "al" }
    end)
  end)

  it("refuses models that are none", function()
    assert.error_matches("schema.type: unknown type 'objct' %(did you mean 'object'%?%)", function()
      api:model { name = "Todo", schema = { type = "objct" } }
    end)
    assert.error_matches("model.properties.title.required: table expected, got boolean", function()
      method { model = { properties = { title = { type = "string", required = true } } } }
    end)
    assert.error_matches("got a lambda", function()
      method { model = fn }
    end)
    local todo = api:model { name = "Todo", schema = { type = "object" } }
    assert.error_matches("'models' says already what JSON bodies look like", function()
      method { model = todo, models = { ["application/json"] = todo } }
    end)
    blames(here() + 1, "model: the name 'Todo' is taken: .*rest_api_spec%.lua:%d+", function()
      api:model { name = "Todo", schema = { type = "object" } }
    end)
  end)

  it("refuses cache keys of parameters that are not named", function()
    assert.error_matches("unknown query parameter 'pag' %(did you mean 'page'%?%)", function()
      method { query = { page = "optional" }, cache = { keys = { "query.pag" } } }
    end)
    assert.error_matches("'page' is no parameter", function()
      method { query = { page = "optional" }, cache = { keys = { "page" } } }
    end)
  end)

  it("maps to integrations what is there to be mapped", function()
    local function maps(source)
      method {
        path = "/" .. source:gsub("%W", "-") .. "/{id}",
        query = { q = "optional" },
        headers = { ["X-Lang"] = "optional" },
        request_parameters = { ["integration.request.header.X"] = source },
      }
    end
    for _, source in ipairs {
      "'text'", "context.identity.sourceIp", "stageVariables.colour", "method.request.path.id",
      "method.request.querystring.q", "method.request.multivaluequerystring.q",
      "method.request.header.X-Lang", "method.request.body", "method.request.body.a[0]",
    } do
      maps(source)
    end
    for source, text in pairs {
      ["method.request.querystring.p"] = "header.X: unknown query parameter 'p'",
      ["method.request.header.X-Lan"] = "unknown header parameter 'X%-Lan' %(did you mean",
      ["method.request.path.name"] = "unknown path parameter 'name'",
      ["method.request.cookie.c"] = "is nothing that can be mapped",
      ["text"] = "'text' is nothing that can be mapped",
    } do
      assert.error_matches(text, function()
        maps(source)
      end)
    end
  end)

  it("refuses gateway responses that API Gateway does not give", function()
    assert.error_matches(
      "gateway_responses: unknown type 'UNAUTHORISED' %(did you mean 'UNAUTHORIZED'%?%)",
      function()
        service:rest_api { name = "x", gateway_responses = { UNAUTHORISED = { status = 403 } } }
      end
    )
    assert.error_matches("UNAUTHORIZED.headers: 'X Y' cannot be a header's name", function()
      service:rest_api {
        name = "x", gateway_responses = { UNAUTHORIZED = { headers = { ["X Y"] = "z" } } },
      }
    end)
    assert.error_matches("X: string or intrinsic expected, got integer 1", function()
      service:rest_api {
        name = "x", gateway_responses = { UNAUTHORIZED = { headers = { X = 1 } } },
      }
    end)
  end)

  it("refuses CORS that browsers would refuse", function()
    local function refused(text, cors)
      assert.error_matches(text, function()
        service:rest_api { name = "x", cors = cors }
      end)
    end
    refused("field 'allow_origins' is missing", { max_age = 1 })
    refused("\"%*\" does not go with allow_credentials", {
      allow_origins = { "*" }, allow_credentials = true,
    })
    refused("'example.com/x' is not an origin", { allow_origins = { "example.com/x" } })
    refused("https://a'b' is no origin", { allow_origins = { "https://a'b" } })
    refused("'https://%*.example.com': API Gateway compares origins as they are", {
      allow_origins = { "https://*.example.com" },
    })
    refused("'%*' stands for all", { allow_origins = { "*", "https://example.com" } })
    refused("'X Y' cannot be a header's name", {
      allow_origins = { "*" }, allow_headers = { "X Y" },
    })
  end)

  it("refuses authorizers that cannot be asked", function()
    assert.error_matches("authorizer.lambda: what service:lambda returned expected", function()
      api:authorizer { name = "guard" }
    end)
    assert.error_matches("identity_sources: what tells callers apart is needed", function()
      api:authorizer { name = "guard", type = "request", lambda = fn }
    end)
    assert.error_matches("'cookie.x' is nothing of a request", function()
      api:authorizer {
        name = "guard", type = "request", lambda = fn, identity_sources = "cookie.x",
      }
    end)
    assert.error_matches("authorizer.lambda: not of a cognito authorizer", function()
      api:authorizer { name = "guard", user_pools = { "arn" }, lambda = fn }
    end)
    assert.error_matches("field 'user_pools' is missing", function()
      api:authorizer { name = "guard", type = "cognito" }
    end)
    api:authorizer { name = "guard", lambda = fn, default = true }
    assert.error_matches("'guard' is it already", function()
      api:authorizer { name = "other", lambda = fn, default = true }
    end)
    assert.error_matches("method.authorizer: string \"iamm\" is not one of iam, none", function()
      method { authorizer = "iamm" }
    end)
    assert.error_matches("what api:authorizer returned expected", function()
      method { authorizer = fn }
    end)
  end)

  it("refuses plans that cannot be", function()
    assert.error_matches("'todos' is no method such as 'GET /todos'", function()
      api:usage_plan { name = "p", methods = { todos = { rate = 1, burst = 1 } } }
    end)
    assert.error_matches("the key 'acme' is named twice", function()
      api:usage_plan { name = "p", keys = { "acme", "acme" } }
    end)
    assert.error_matches("usage_plan.quota: field 'period' is missing", function()
      api:usage_plan { name = "p", quota = { limit = 1 } }
    end)
    assert.error_matches("quota.offset: at most 6 where the period is a week, got 7", function()
      api:usage_plan { name = "p", quota = { limit = 1, period = "week", offset = 7 } }
    end)
    api:usage_plan { name = "q", quota = { limit = 1, period = "month", offset = 27 } }
    local hidden = service:rest_api { name = "hidden", stage = false }
    assert.error_matches("an API without a stage cannot be in a plan", function()
      hidden:usage_plan { name = "p" }
    end)
  end)

  it("wants a policy where it is private, as soon as it is published", function()
    assert.error_matches("rest_api.policy: a private API is not published without one", function()
      service:rest_api { name = "x", endpoint = "private" }
    end)
    service:rest_api { name = "y", endpoint = "private", stage = false }
    service:rest_api { name = "z", endpoint = "private", policy = { Statement = {} } }
  end)

  it("has no address without a stage", function()
    local hidden = service:rest_api { name = "hidden", stage = false }

    assert.error_matches("rest_api 'hidden': it has no stage, and so no address", function()
      return hidden.url
    end)
    assert.error_matches("rest_api.output: an API without a stage has no address", function()
      service:rest_api { name = "x", stage = false, output = "X" }
    end)
  end)

  it("wants responses of one status once, and one of them without a pattern", function()
    assert.error_matches("only one can be without a 'pattern'", function()
      method { responses = { { status = 200 }, { status = 201 } } }
    end)
    assert.error_matches("404 has a response already", function()
      method { responses = { { status = 404, pattern = "a" }, { status = 404, pattern = "b" } } }
    end)
    assert.error_matches("200 has a response already", function()
      method { responses = { { status = 200, pattern = "a" } } }
    end)
  end)

  it("checks stage variables and tags", function()
    assert.error_matches("stage.variables.a: .b c.: letters, digits", function()
      service:rest_api { name = "x", stage = { variables = { a = "b c" } } }
    end)
    assert.error_matches("stage.log_bodies: nothing is logged without 'log'", function()
      service:rest_api { name = "x", stage = { log_bodies = true } }
    end)
    assert.error_matches("'aws:' is AWS's own", function()
      service:rest_api { name = "x", tags = { ["aws:x"] = "y" } }
    end)
  end)
end)
