--- What SES's actions look like on the wire, as far as they are known.
---@type table<string, engine.RestAction>
return {
  SendBulkEmail = { method = "POST", path = "/v2/email/outbound-bulk-emails", body = "json" },
  SendEmail = { method = "POST", path = "/v2/email/outbound-emails", body = "json" },
}
