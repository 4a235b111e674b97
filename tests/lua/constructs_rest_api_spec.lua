local constructs = require "engine.constructs"
local generate = require "engine.generate"
local json = require "host.json"
local laconic = require "laconic"
local model = require "engine.model"

local service, fn

local function nothing() end

local function template_of()
  local meant, build = model.build(service, {}), { code = { key = "k" }, role_arns = {} }
  local template = generate.build(meant, build)
  generate.settle(meant, build)
  return template
end

local function resources()
  return template_of().Resources
end

local function ids_of(kind, all)
  local ids = {}
  for id, resource in pairs(all) do
    if resource.Type == "AWS::ApiGateway::" .. kind then
      table.insert(ids, id)
    end
  end
  table.sort(ids)
  return ids
end

local function api(options)
  options = options or {}
  options.name = options.name or "echo"
  return service:rest_api(options)
end

local function deployment()
  return ids_of("Deployment", resources())[1]
end

-- A service with one method and whatever else, from the beginning.
local function deployment_of(options, say)
  service = laconic.service { name = "shop" }
  fn = service:lambda { name = "todos", handler = nothing }
  local made = api(options)
  made:method { path = "/", verb = "GET", lambda = fn }
  if say then
    say(made)
  end
  return deployment()
end

describe("a REST API", function()
  before_each(function()
    service = laconic.service { name = "shop" }
    fn = service:lambda { name = "todos", handler = nothing }
  end)

  it("has a resource for each segment, shared by prefix", function()
    local made = api()
    made:method { path = "/todos", verb = "GET", lambda = fn }
    made:method { path = "/todos/{id}", verb = "GET", lambda = fn }
    made:method { path = "/todos/{id}/lines", verb = "GET", lambda = fn }
    made:method { path = "/", verb = "GET", lambda = fn }
    local all = resources()

    local ids = ids_of("Resource", all)
    assert.equal(3, #ids)
    local root = { ["Fn::GetAtt"] = { "EchoApi", "RootResourceId" } }
    assert.same(root, all.EchoApiTodosResource.Properties.ParentId)
    assert.same(root, all.EchoApiGetMethod.Properties.ResourceId)
    local id = table.concat(ids, " "):match "EchoApiTodosId(%x%x%x%x%x%x%x%x)Resource"
    local variable = all["EchoApiTodosId" .. id .. "Resource"].Properties
    assert.equal("{id}", variable.PathPart)
    assert.same({ Ref = "EchoApiTodosResource" }, variable.ParentId)
    local method = all["EchoApiGetTodosId" .. id .. "Method"].Properties
    assert.same({ ["method.request.path.id"] = true }, method.RequestParameters)
  end)

  it("tells paths apart that read alike", function()
    local made = api()
    for _, path in ipairs { "/a-b", "/ab", "/a/b", "/a/{b}", "/aB", "/a_b" } do
      made:method { path = path, verb = "GET", lambda = fn }
    end

    assert.equal(6, #ids_of("Method", resources()))
  end)

  it("lets API Gateway call a function by its methods alone", function()
    local made = api { stage = "v1" }
    made:method { path = "/todos/{id}", verb = "GET", lambda = fn }
    made:method { path = "/{rest+}", verb = "ANY", lambda = fn, proxy = true }
    made:method { path = "/own", verb = "GET", lambda = fn, credentials = "arn:aws:iam::*:user/*" }
    local sources = {}
    for _, resource in pairs(resources()) do
      if resource.Type == "AWS::Lambda::Permission" then
        local parts = resource.Properties.SourceArn["Fn::Join"][2]
        assert.same(fn.arn, resource.Properties.FunctionName)
        assert.same({ Ref = "EchoApi" }, parts[#parts - 1])
        table.insert(sources, parts[#parts])
      end
    end
    table.sort(sources)

    assert.same({ "/v1/*/*", "/v1/GET/todos/*" }, sources)
  end)

  it("says one permission where a function's policy would not hold them", function()
    local made = api()
    for i = 1, 21 do
      made:method { path = "/p" .. i, verb = "GET", lambda = fn }
    end
    local all = resources()

    local source = all.EchoApiTodosFunctionPermission.Properties.SourceArn
    assert.equal("/prod/*/*", source["Fn::Join"][2][9])
    assert.is_nil(all.EchoApiGetP1Permission)
  end)

  it("makes a deployment for each definition, and none without a change", function()
    local first = deployment_of {}
    assert.matches("^EchoApiDeployment%x%x%x%x%x%x%x%x%x%x%x%x$", first)
    assert.equal(first, deployment_of {})

    -- What it does not show changes nothing.
    assert.equal(first, deployment_of { stage = { throttling = { rate = 1, burst = 1 } } })
    assert.equal(first, deployment_of({}, function(made)
      made:usage_plan { name = "p", keys = { "k" } }
    end))

    -- All else does.
    local seen = { [first] = true }
    local function differs(options, say)
      local id = deployment_of(options, say)
      assert.is_nil(seen[id])
      seen[id] = true
    end
    differs { cors = true }
    differs { binary_media_types = { "image/png" } }
    differs { gateway_responses = { UNAUTHORIZED = { status = 403 } } }
    differs({}, function(made)
      made:method { path = "/x", verb = "GET", lambda = fn }
    end)
    differs({}, function(made)
      made:method { path = "/x", verb = "GET", lambda = fn, status = 202 }
    end)
    differs({}, function(made)
      made:method { path = "/x", verb = "GET", lambda = fn, query = { a = "required" } }
    end)
    differs({}, function(made)
      made:model { name = "M", schema = { type = "object" } }
    end)
    differs({}, function(made)
      made:authorizer { name = "a", lambda = fn }
    end)
  end)

  it("makes another deployment for what decorators change or add", function()
    local function decorated(change)
      return deployment_of({}, function()
        service:decorate(change)
      end)
    end
    local first = deployment_of {}

    assert.equal(first, decorated(function(template)
      template.Outputs.More = { Value = "x" }
    end))
    local changed = decorated(function(_, build)
      build.template.Resources.EchoApi.Properties.Description = "changed"
    end)
    local grown = decorated(function(template)
      template.Resources.Gone = {
        Type = "AWS::ApiGateway::GatewayResponse",
        Properties = { RestApiId = { Ref = "EchoApi" }, ResponseType = "THROTTLED" },
      }
    end)
    assert.truthy(first ~= changed and changed ~= grown and grown ~= first)
    assert.same({ "EchoApiGetMethod", "Gone" }, resources()[grown].DependsOn)
    assert.same({ Ref = grown }, resources().EchoApiStage.Properties.DeploymentId)
  end)

  it("waits with its deployment for the methods, and shows it on the stage", function()
    api():method { path = "/", verb = "GET", lambda = fn }
    local all = resources()
    local id = ids_of("Deployment", all)[1]

    assert.same({ "EchoApiGetMethod" }, all[id].DependsOn)
    assert.same({ Ref = id }, all.EchoApiStage.Properties.DeploymentId)
    assert.equal("prod", all.EchoApiStage.Properties.StageName)
  end)

  it("maps unless it is told not to", function()
    local made = api { proxy = true }
    made:method { path = "/a", verb = "GET", lambda = fn }
    made:method { path = "/b", verb = "GET", lambda = fn, proxy = false, status = 202 }
    local all = resources()

    local proxied = all.EchoApiGetAMethod.Properties
    assert.equal("AWS_PROXY", proxied.Integration.Type)
    assert.is_nil(proxied.Integration.RequestTemplates)
    assert.is_nil(proxied.MethodResponses)
    local mapped = all.EchoApiGetBMethod.Properties
    assert.equal("AWS", mapped.Integration.Type)
    assert.equal("NEVER", mapped.Integration.PassthroughBehavior)
    local codes = {}
    for i, response in ipairs(mapped.MethodResponses) do
      codes[i] = response.StatusCode
    end
    assert.same({ "202", "400", "500" }, codes)
    assert.equal("202", mapped.Integration.IntegrationResponses[1].StatusCode)
    assert.equal("(?s).+", mapped.Integration.IntegrationResponses[2].SelectionPattern)
  end)

  it("keeps a failure's own answer apart from those that the author names", function()
    api():method {
      path = "/",
      verb = "GET",
      lambda = fn,
      responses = {
        { status = 404, pattern = "None.*" },
        { status = 409, pattern = "Taken|Gone", templates = {} },
      },
    }
    local responses = resources().EchoApiGetMethod.Properties.Integration.IntegrationResponses

    assert.equal("None.*", responses[2].SelectionPattern)
    assert.equal([[{"message":$input.json('$.errorMessage')}]],
      responses[2].ResponseTemplates["application/json"])
    assert.is_nil(responses[3].ResponseTemplates)
    assert.equal([[(?s)(?!(?:None.*|Taken|Gone)\z).+]], responses[4].SelectionPattern)
  end)

  it("writes each template once", function()
    local made = api()
    made:method { path = "/a", verb = "GET", lambda = fn }
    made:method { path = "/b", verb = "GET", lambda = fn }
    local template = template_of()
    local text = assert(json.encode(template))

    local _, count = text:gsub("pathParams", "")
    assert.equal(3, count) -- JSON, text, form
    assert.matches("^#set", template.Mappings.EchoApiTemplates.Request.Json)
  end)

  it("validates as far as there is something to validate", function()
    local made = api()
    local function says(path, options)
      options.path, options.verb, options.lambda = path, "POST", fn
      made:method(options)
    end
    says("/none", {})
    says("/optional", { query = { a = "optional" } })
    says("/required", { headers = { A = "required" } })
    says("/body", { model = { type = "object" } })
    says("/both", { model = { type = "object" }, query = { a = "required" } })
    says("/off", { model = { type = "object" }, validate = false })
    local all = resources()
    local function validator(part)
      return (all["EchoApiPost" .. part .. "Method"].Properties.RequestValidatorId or {}).Ref
    end

    assert.is_nil(validator "None")
    assert.is_nil(validator "Optional")
    assert.equal("EchoApiParametersValidator", validator "Required")
    assert.equal("EchoApiBodyValidator", validator "Body")
    assert.equal("EchoApiValidator", validator "Both")
    assert.is_nil(validator "Off")
    assert.equal(3, #ids_of("RequestValidator", all))
    local schema = all.EchoApiPostBodyModel.Properties.Schema
    assert.equal("http://json-schema.org/draft-04/schema#", schema["$schema"])
    assert.same({ ["application/json"] = { Ref = "EchoApiPostBodyModel" } },
      all.EchoApiPostBodyMethod.Properties.RequestModels)
  end)

  it("answers preflights, and names the origin in every answer", function()
    local made = api { cors = true }
    made:method { path = "/a", verb = "POST", lambda = fn }
    made:method { path = "/a", verb = "GET", lambda = fn }
    made:method { path = "/b", verb = "ANY", lambda = fn }
    made:method { path = "/c", verb = "OPTIONS", lambda = fn }
    local all = resources()

    local preflight = all.EchoApiOptionsAMethod.Properties
    local given = preflight.Integration.IntegrationResponses[1].ResponseParameters
    assert.equal("MOCK", preflight.Integration.Type)
    assert.equal("'GET,POST,OPTIONS'", given["method.response.header.Access-Control-Allow-Methods"])
    assert.equal("'*'", given["method.response.header.Access-Control-Allow-Origin"])
    for name in pairs(given) do
      assert.is_true(preflight.MethodResponses[1].ResponseParameters[name])
    end
    assert.equal("'DELETE,GET,HEAD,PATCH,POST,PUT,OPTIONS'",
      all.EchoApiOptionsBMethod.Properties.Integration.IntegrationResponses[1]
        .ResponseParameters["method.response.header.Access-Control-Allow-Methods"])
    assert.equal("AWS", all.EchoApiOptionsCMethod.Properties.Integration.Type)
    for _, response in ipairs(all.EchoApiGetAMethod.Properties.Integration.IntegrationResponses) do
      assert.equal("'*'",
        response.ResponseParameters["method.response.header.Access-Control-Allow-Origin"])
    end
    assert.equal("'*'", all.EchoApiDefault4xxResponse.Properties
      .ResponseParameters["gatewayresponse.header.Access-Control-Allow-Origin"])
    assert.equal("DEFAULT_5XX", all.EchoApiDefault5xxResponse.Properties.ResponseType)
  end)

  it("names one of several origins by what is asked, and intrinsics among them", function()
    local site = service:resource { name = "Site", type = "AWS::S3::Bucket" }
    api { cors = { allow_origins = { site:att "WebsiteURL", "https://b.example" } } }
      :method { path = "/", verb = "GET", lambda = fn }
    local all = resources()
    local response = all.EchoApiGetMethod.Properties.Integration.IntegrationResponses[1]

    assert.is_nil(
      response.ResponseParameters["method.response.header.Access-Control-Allow-Origin"])
    assert.equal("'Origin'", response.ResponseParameters["method.response.header.Vary"])
    local parts = response.ResponseTemplates["application/json"]["Fn::Join"][2]
    assert.same({ ["Fn::GetAtt"] = { "Site", "WebsiteURL" } }, parts[3])
    assert.same({ ["Fn::FindInMap"] = { "EchoApiTemplates", "Response", "Result" } }, parts[#parts])
  end)

  it("tells the origins to functions behind proxies, which answer for themselves", function()
    local other = service:lambda { name = "other", handler = nothing }
    local origins = { laconic.cfn.ref "Origin", "https://b.example" }
    local made = api { cors = { allow_origins = origins } }
    made:method { path = "/a", verb = "GET", lambda = fn, proxy = true }
    made:method { path = "/b", verb = "GET", lambda = other }
    local all = resources()

    assert.same({ ["Fn::Join"] = { ",", { { Ref = "Origin" }, "https://b.example" } } },
      all.TodosFunction.Properties.Environment.Variables.LACONIC_CORS_ECHO)
    assert.is_nil(all.OtherFunction.Properties.Environment)
  end)

  it("quotes one origin that is an intrinsic", function()
    api { cors = { allow_origins = { laconic.cfn.ref "Origin" } } }:method {
      path = "/", verb = "GET", lambda = fn,
    }

    assert.same({ ["Fn::Join"] = { "", { "'", { Ref = "Origin" }, "'" } } },
      resources().EchoApiDefault4xxResponse.Properties
        .ResponseParameters["gatewayresponse.header.Access-Control-Allow-Origin"])
  end)

  it("reads requests as text where some bodies are binary", function()
    local made = api { binary_media_types = { "*/*" }, cors = true }
    made:method { path = "/", verb = "GET", lambda = fn }
    made:method { path = "/", verb = "POST", lambda = fn, content_types = { "text/plain" } }
    made:method { path = "/", verb = "PUT", lambda = fn, proxy = true }
    local all = resources()

    assert.equal("CONVERT_TO_TEXT", all.EchoApiGetMethod.Properties.Integration.ContentHandling)
    assert.equal("CONVERT_TO_TEXT", all.EchoApiOptionsMethod.Properties.Integration.ContentHandling)
  end)

  it("asks the authorizer that the method, else the API names", function()
    local made = api { authorizer = "iam" }
    local guard = made:authorizer { name = "guard", lambda = fn }
    made:method { path = "/iam", verb = "GET", lambda = fn }
    made:method { path = "/none", verb = "GET", lambda = fn, authorizer = "none" }
    made:method { path = "/guard", verb = "GET", lambda = fn, authorizer = guard }
    made:authorizer { name = "people", user_pools = { "arn" }, default = true }
    made:method { path = "/people", verb = "GET", lambda = fn, scopes = { "a/b" } }
    local all = resources()
    local function told(part)
      local properties = all["EchoApiGet" .. part .. "Method"].Properties
      return properties.AuthorizationType .. " " .. (properties.AuthorizerId or { Ref = "-" }).Ref
    end

    assert.equal("COGNITO_USER_POOLS EchoApiPeopleAuthorizer", told "Iam") -- the default, said later
    assert.equal("NONE -", told "None")
    assert.equal("CUSTOM EchoApiGuardAuthorizer", told "Guard")
    assert.equal("COGNITO_USER_POOLS EchoApiPeopleAuthorizer", told "People")
    assert.equal("method.request.header.Authorization",
      all.EchoApiGuardAuthorizer.Properties.IdentitySource)
    local parts = all.EchoApiGuardAuthorizerPermission.Properties.SourceArn["Fn::Join"][2]
    assert.equal("/authorizers/", parts[#parts - 1])
    assert.same({ Ref = "EchoApiGuardAuthorizer" }, parts[#parts])
  end)

  it("gives the output of its URL a name, or none", function()
    api():method { path = "/", verb = "GET", lambda = fn }
    api { name = "one", output = "Where" }:method { path = "/", verb = "GET", lambda = fn }
    api { name = "two", output = false }:method { path = "/", verb = "GET", lambda = fn }
    local outputs = template_of().Outputs

    assert.matches("/prod$", outputs.EchoUrl.Value["Fn::Sub"])
    assert.truthy(outputs.Where)
    assert.is_nil(outputs.OneUrl)
    assert.is_nil(outputs.TwoUrl)
  end)

  it("makes no role for logs unless it is asked", function()
    local logged = { stage = { log = "info", access_log = true } }
    api(logged):method { path = "/", verb = "GET", lambda = fn }
    local all = resources()

    assert.same({}, ids_of("Account", all))
    assert.equal("INFO", all.EchoApiStage.Properties.MethodSettings[1].LoggingLevel)
    assert.same({ ["Fn::GetAtt"] = { "EchoApiLogs", "Arn" } },
      all.EchoApiStage.Properties.AccessLogSetting.DestinationArn)
    local line = all.EchoApiStage.Properties.AccessLogSetting.Format:gsub("%$[%w.]+", "0")
    assert.equal("0", assert(json.decode(line)).status)
  end)

  it("refuses what only the whole tells, at the line that says it", function()
    local function refuses(text, say)
      service = laconic.service { name = "shop" }
      fn = service:lambda { name = "todos", handler = nothing }
      say()
      local raised = assert.error_matches(text, resources)
      assert.matches("constructs_rest_api_spec%.lua:%d+$", raised.where)
    end

    refuses("an API without a method cannot be published", function()
      api()
    end)
    refuses("method.cache: the API's stage has no cache", function()
      api():method { path = "/", verb = "GET", lambda = fn, cache = { ttl = 1 } }
    end)
    refuses("method.throttling: it belongs to a stage", function()
      api { stage = false }:method {
        path = "/", verb = "GET", lambda = fn, throttling = { rate = 1, burst = 1 },
      }
    end)
    refuses("only a Cognito authorizer knows scopes", function()
      api():method { path = "/", verb = "GET", lambda = fn, scopes = { "a" } }
    end)
    refuses("'%*/%*' among .* makes base64 of application/json bodies", function()
      api({ binary_media_types = { "*/*" } }):method { path = "/", verb = "POST", lambda = fn }
    end)
    refuses("'application/%*' among .* makes base64 of application/a%+json bodies", function()
      api({ binary_media_types = { "application/*" } }):method {
        path = "/", verb = "PUT", lambda = fn, content_types = { "application/a+json" },
      }
    end)
    refuses("unknown method 'GET /todo' %(did you mean 'GET /todos'%?%)", function()
      local made = api()
      made:method { path = "/todos", verb = "GET", lambda = fn }
      made:usage_plan { name = "p", methods = { ["GET /todo"] = { rate = 1, burst = 1 } } }
    end)
    refuses("'guard' belongs to another API", function()
      local guard = api { name = "other", stage = false }:authorizer { name = "guard", lambda = fn }
      api():method { path = "/", verb = "GET", lambda = fn, authorizer = guard }
    end)
    refuses("the model of application/json belongs to another API", function()
      local todo = api { name = "other", stage = false }:model {
        name = "Todo", schema = { type = "object" },
      }
      api():method { path = "/", verb = "POST", lambda = fn, model = todo }
    end)

    local function refuses_method(text, options)
      refuses(text, function()
        options.path, options.verb, options.lambda = "/", "POST", fn
        api():method(options)
      end)
    end
    refuses_method("method.model.properties.code.pattern: regular expression, byte 2", {
      model = { type = "object", properties = { code = { type = "string", pattern = "(" } } },
    })
    refuses_method("method.responses%[1%].pattern: regular expression, byte 3", {
      responses = { { pattern = "[a", status = 404 } },
    })
    refuses_method("method.responses%[1%].templates%['text/plain'%]: line 1, column 5", {
      responses = { { pattern = "a", status = 404, templates = { ["text/plain"] = "#if(" } } },
    })
    refuses_method("method.request_templates%['application/json'%]: line 2, column 1: ", {
      request_templates = { ["application/json"] = "{}\n#end" },
    })
    refuses("model.schema.items.patternProperties: regular expression, byte 1", function()
      local made = api()
      made:method { path = "/", verb = "GET", lambda = fn }
      made:model {
        name = "Todos",
        schema = { type = "array", items = { patternProperties = { ["*"] = { type = "null" } } } },
      }
    end)
    refuses("authorizer.validation: regular expression, byte 2", function()
      local made = api()
      made:authorizer { name = "guard", lambda = fn, validation = "(", default = true }
      made:method { path = "/", verb = "GET", lambda = fn }
    end)
  end)

  it("tells of methods that ask for a key where no plan lets one in", function()
    local made = api { api_key = true }
    made:method { path = "/", verb = "GET", lambda = fn }
    made:method { path = "/open", verb = "GET", lambda = fn, api_key = false }
    local warned = constructs.warnings(model.build(service, {}))

    assert.equal(1, #warned)
    assert.matches("^[^ ]+:%d+: GET / of the API 'echo' asks for an API key, and no usage plan ",
      warned[1])
    made:usage_plan { name = "all" }
    assert.same({}, constructs.warnings(model.build(service, {})))
  end)
end)
