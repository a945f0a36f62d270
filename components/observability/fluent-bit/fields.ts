import { JSON_FIELDS, LEVEL_NAMES, SERVICE_LABELS } from "../agents/fields";
import { NODE_LABEL, OUTSIDE_NAMESPACES } from "../labels";

export const FIELDS_FUNCTION = "fields";

/**
 * The Lua function that every record goes through: from what Fluent Bit knows of a line to our labels, and what is in
 * it as metadata. The same tables as Alloy's stages.
 */
export function fieldsScript(): string {
  return `-- Generated. Labels and fields of logs: the same as Alloy's.
local levels = ${luaTable(LEVEL_NAMES)}
local names = {
${Object.entries(JSON_FIELDS)
  .map(([field, keys]) => `  ${field} = ${luaList(keys)},`)
  .join("\n")}
}
local service_labels = ${luaList([...SERVICE_LABELS].reverse())}

local function first(record, keys)
  if type(record) ~= "table" then return nil end
  for _, key in ipairs(keys) do
    local value = record[key]
    if type(value) == "string" and value ~= "" then return value end
    if type(value) == "number" then return string.format("%d", value) end
  end
end

local function logfmt(line, key)
  local padded = " " .. line
  return padded:match("%s" .. key .. '="([^"]*)"') or padded:match("%s" .. key .. "=(%S+)")
end

local function said(record, line, metadata)
  for field, keys in pairs(names) do
    metadata[field] = first(record["parsed"], keys)
  end
  if metadata.level == nil and line:match("^[a-z_]+=") then
    for field in pairs(names) do metadata[field] = metadata[field] or logfmt(line, field) end
  end
  if metadata.level == nil then metadata.level = line:match("^([IWEF])%d%d%d%d [0-9:.]+ ") end
  if metadata.level ~= nil then
    local level = metadata.level:lower()
    metadata.level = levels[level] or level
  end
end

local function service_of(kubernetes)
  local labels = kubernetes["labels"] or {}
  local named = first(labels, service_labels)
  if named ~= nil then return named end
  -- A ReplicaSet's hash and a pod's own are no part of the name, nor is the time of a CronJob's run.
  local pod = kubernetes["pod_name"] or "unknown"
  local name = pod:match("^(.+)%-%x%x%x%x%x%x%x%x+%-%w%w%w%w%w$") or pod:match("^(.+)%-%d%d%d%d%d%d%d%d+%-%w%w%w%w%w$")
  return name or pod
end

function ${FIELDS_FUNCTION}(tag, timestamp, record)
  local line = record["log"] or ""
  local metadata = {}
  local out = { log = line, metadata = metadata }
  said(record, line, metadata)
  local kubernetes = record["kubernetes"]
  if kubernetes ~= nil then
    local labels = kubernetes["labels"] or {}
    out.namespace = kubernetes["namespace_name"]
    out.service = service_of(kubernetes)
    metadata.pod = kubernetes["pod_name"]
    metadata.container = kubernetes["container_name"]
    metadata.version = labels["app.kubernetes.io/version"]
  else
    out.namespace = "${OUTSIDE_NAMESPACES.nodes}"
    out.service = (record["filename"] or ""):match("([^/]+)%.log$") or "unknown"
    out.${NODE_LABEL.label} = os.getenv("NODE_NAME")
  end
  return 2, timestamp, out
end
`;
}

function luaTable(values: Readonly<Record<string, string>>): string {
  const fields = Object.entries(values).map(([key, value]) => `[${luaText(key)}] = ${luaText(value)}`);
  return `{ ${fields.join(", ")} }`;
}

function luaList(values: readonly string[]): string {
  return `{ ${values.map(luaText).join(", ")} }`;
}

/** Escapes of JSON that Lua knows as well, as long as there are no control characters: these are all our own names. */
function luaText(text: string): string {
  return JSON.stringify(text);
}
