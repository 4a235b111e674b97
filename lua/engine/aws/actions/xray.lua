--- What X-Ray's actions look like on the wire, as far as they are known.
---@type table<string, engine.RestAction>
return {
  BatchGetTraces = { method = "POST", path = "/Traces", body = "json" },
  GetTraceSummaries = { method = "POST", path = "/TraceSummaries", body = "json" },
  PutTelemetryRecords = { method = "POST", path = "/TelemetryRecords", body = "json" },
  PutTraceSegments = { method = "POST", path = "/TraceSegments", body = "json" },
}
