--- Which environment this is: what --env says while provisioning, and LACONIC_ENV inside a function.
--- `laconic.env` is the usual way to ask.
---@module "laconic.env"
return { name = os.getenv "LACONIC_ENV" }
