---@meta
--- The shapes that flow from stage to stage. Plain tables; methods only on what an author chains.

--- What an author said: the table that `laconic.service` returns. `where` is "service.lua:12" everywhere.
---@class engine.Service
---@field name string
---@field description string
---@field tags table<string, string>
---@field functions engine.FunctionWords[]      in the order they were said
---@field resources engine.ResourceWords[]
---@field parameters table[]                    { name, type, default?, …, where }
---@field outputs table[]                       { name, value, description?, export?, where }
---@field conditions table[]                    { name, value, where }
---@field mappings table[]                      { name, value, where }
---@field hooks table<engine.HookName, engine.Callback[]>
---@field decorators engine.Callback[]          service decorators: fn(template, build)
---@field commands engine.CommandWords[]
---@field flags table[]                         flags added to built-in commands: { command, name, type, … }
---@field includes table[]                      { path or glob, as?, where }: files that travel
---@field announced table[]                     handles by name alone: { list, word, name, where }
---@field where string
---@field path string                           the service file, set by engine.definition
---@field modules table<string, string>         what it required from files: name → path, by the same

---@alias engine.HookName "pre_build"|"post_build"|"archive"|"pre_marshal"|"post_marshal"|"validate"|"rollback"

---@class engine.Callback
---@field run function
---@field where string

--- One function as its author wrote it; fields absent when not said.
---@class engine.FunctionWords
---@field name string
---@field handler fun(event: any, context: table): any
---@field role? string|table                    an existing role's name, an intrinsic, or a role
---                                             definition (laconic.iam.role)
---@field privileges? table[]                   { actions, resource, condition? }
---@field decorators? engine.Callback[]         fn(template, lambda, build)
---@field where string

---@class engine.ResourceWords
---@field name string                           the logical id, as it is written in the template
---@field type string
---@field properties table
---@field where string

---@class engine.CommandWords
---@field name string
---@field summary string
---@field flags engine.Flag[]
---@field run fun(args: table, host: table): integer?
---@field where string

---@class engine.Flag
---@field name string                           "dry-run": said as --dry-run, found as args.dry_run
---@field short? string                         "n"
---@field type? "string"|"boolean"|"integer"|"number"  default string
---@field value? string                         the placeholder in help: "NAME"
---@field default? any
---@field required? boolean
---@field repeated? boolean                     a list of values
---@field choices? string[]
---@field summary string

--- What was meant: complete, checked, frozen.
---@class engine.Model
---@field name string                           service and stack name
---@field description string
---@field tags table<string, string>
---@field functions engine.Function[]
---@field roles engine.Role[]                   the roles that the stack makes, each once
---@field role_names string[]                   existing roles by name, sorted: verify looks them up
---@field resources engine.ResourceWords[]
---@field service engine.Service
---@field where table<string, string>           logical id → file:line

---@class engine.Function
---@field name string
---@field id string                             logical id
---@field log_group_id string
---@field role { name?: string, arn?: table, id?: string }  an existing role's name, an intrinsic,
---                                             or the id of one of `roles`
---@field properties table                      memory, timeout, environment, …: completed, snake_case
---@field decorators engine.Callback[]
---@field where string

---@class engine.Role
---@field id string
---@field statements table[]
---@field where string

--- What is being made: given to hooks and decorators as `build`. Each stage adds what it found out.
---@class engine.Build
---@field service_name string
---@field build_id string                       --build-id, else git's commit, else a digest of the service file
---@field noop boolean
---@field bucket? string                        where artifacts go
---@field region? string
---@field account? string
---@field output_dir string                     .laconic/<service>
---@field model engine.Model
---@field files engine.Travelling[]             from compile: what will travel in the archive
---@field code? engine.Artifact                 from archive, then upload
---@field template? table                       from generate: the template as it stands
---@field template_text? string                 from marshal
---@field role_arns table<string, string>       from verify: role name → ARN
---@field values table                          the author's own, carried from hook to hook

---@class engine.Travelling
---@field name string                           name in the archive
---@field path? string                          or data, or packed: see host.archive.Entry
---@field executable? boolean

---@class engine.Artifact
---@field path string
---@field bytes integer
---@field sha256 string
---@field key string                            S3 key, content-addressed

--- What the command line asked for.
---@class engine.Options
---@field noop boolean
---@field region? string
---@field profile? string
---@field endpoint_url? string
---@field bucket? string
---@field build_id? string
---@field output_dir? string
---@field env? string
---@field params table<string, string>
---@field tags table<string, string>
---@field inplace boolean
---@field code_pipeline_package? string
---@field format "text"|"json"

--- A stack as CloudFormation reports it.
---@class engine.Stack
---@field name string
---@field id string
---@field status string
---@field outputs { key: string, value: string, description?: string, export?: string }[]
