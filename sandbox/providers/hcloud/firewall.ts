import { isMap, type PropertyMap, type PropertyValue, sleep } from "../framework";
import type { Action, ApiFirewall, FirewallResource } from "./api-types";
import { LABELS, NAME, putChanges } from "./common";
import { hasCode, isNotFound } from "./errors";
import { body, type CloudResource, find, order, type Session, text } from "./resource";

/** How often the deletion of a firewall that is still in use is tried: servers let go of it while they go. */
const IN_USE_RETRIES = 10;
const IN_USE_WAIT_MS = 1_000;

export const firewall: CloudResource = {
  autoname: true,
  inputs: {
    applyTos: { type: "set", items: "object", computed: true },
    labels: LABELS,
    name: NAME,
    rules: { type: "set", items: "object" },
  },
  outputs: [],
  validate: (inputs) =>
    list(inputs["rules"]).flatMap((rule, index) => {
      const wants = rule["protocol"] === "tcp" || rule["protocol"] === "udp";
      return wants && rule["port"] === undefined
        ? [{ property: `rules[${index}].port`, reason: `a rule for ${rule["protocol"]} needs a port, or "any"` }]
        : [];
    }),
  async create(session, inputs, created) {
    const answer = await order<{ firewall: ApiFirewall; actions?: Action[] }>(
      session,
      "/firewalls",
      "firewall",
      body({
        name: inputs["name"],
        labels: inputs["labels"],
        rules: list(inputs["rules"]).map(toApiRule),
        apply_to: inputs["applyTos"] && list(inputs["applyTos"]).map(toApiResource),
      }),
    );
    const id = String(answer.firewall.id);
    created(id);
    await session.client.wait(answer.actions ?? [], session.signal);
    return id;
  },
  async read(session, id) {
    const found = await find<ApiFirewall>(session, `/firewalls/${id}`, "firewall");
    return (
      found && {
        name: found.name,
        labels: found.labels,
        rules: found.rules.map(fromApiRule),
        applyTos: found.applied_to.map(fromApiResource),
      }
    );
  },
  async update(session, state) {
    const path = `/firewalls/${state.id}`;
    if (state.changed("rules")) {
      const rules = list(state.after["rules"]).map(toApiRule);
      await session.client.act(`${path}/actions/set_rules`, { rules }, session.signal);
    }
    await putChanges(session, path, state, { name: "name", labels: "labels" });
    if (state.changed("applyTos")) {
      const before = list(state.before["applyTos"]).map(toApiResource);
      await applyDifference(session, state.id, before, list(state.after["applyTos"]).map(toApiResource));
    }
  },
  async delete(session, id) {
    const found = await find<ApiFirewall>(session, `/firewalls/${id}`, "firewall");
    if (found && found.applied_to.length > 0) {
      await remove(session, id, found.applied_to.map(toReference));
    }
    for (let attempt = 1; ; attempt++) {
      try {
        await session.client.delete(`/firewalls/${id}`, session.signal);
        return;
      } catch (error) {
        if (!hasCode(error, "resource_in_use") || attempt === IN_USE_RETRIES) {
          throw error;
        }
        await sleep(IN_USE_WAIT_MS, session.signal);
      }
    }
  },
};

export const firewallAttachment: CloudResource = {
  inputs: {
    firewallId: { type: "number", required: true, replaces: true },
    labelSelectors: { type: "set" },
    serverIds: { type: "set", items: "number" },
  },
  outputs: [],
  async create(session, inputs) {
    const id = text(inputs["firewallId"]);
    try {
      await apply(session, id, attached(inputs));
    } catch (error) {
      if (!hasCode(error, "firewall_already_applied")) {
        throw error;
      }
    }
    return id;
  },
  async read(session, id) {
    const found = await find<ApiFirewall>(session, `/firewalls/${id}`, "firewall");
    return (
      found && {
        firewallId: found.id,
        serverIds: found.applied_to.flatMap(({ server }) => server?.id ?? []),
        labelSelectors: found.applied_to.flatMap(({ label_selector }) => label_selector?.selector ?? []),
      }
    );
  },
  update: (session, state) => applyDifference(session, state.id, attached(state.before), attached(state.after)),
  delete: (session, id, known) => remove(session, id, attached(known)),
};

function attached(inputs: PropertyMap): FirewallResource[] {
  const servers = Array.isArray(inputs["serverIds"]) ? inputs["serverIds"] : [];
  const selectors = Array.isArray(inputs["labelSelectors"]) ? inputs["labelSelectors"] : [];
  return [
    ...servers.map((server) => toApiResource({ server })),
    ...selectors.map((labelSelector) => toApiResource({ labelSelector })),
  ];
}

async function applyDifference(
  session: Session,
  id: string,
  before: FirewallResource[],
  after: FirewallResource[],
): Promise<void> {
  const missing = (from: FirewallResource[], other: FirewallResource[]): FirewallResource[] => {
    const known = new Set(other.map((resource) => JSON.stringify(resource)));
    return from.filter((resource) => !known.has(JSON.stringify(resource)));
  };
  await remove(session, id, missing(before, after));
  await apply(session, id, missing(after, before));
}

async function apply(session: Session, id: string, resources: FirewallResource[]): Promise<void> {
  if (resources.length > 0) {
    await session.client.act(`/firewalls/${id}/actions/apply_to_resources`, { apply_to: resources }, session.signal);
  }
}

async function remove(session: Session, id: string, resources: FirewallResource[]): Promise<void> {
  if (resources.length === 0) {
    return;
  }
  try {
    const path = `/firewalls/${id}/actions/remove_from_resources`;
    await session.client.act(path, { remove_from: resources }, session.signal);
  } catch (error) {
    if (!isNotFound(error) && !hasCode(error, "firewall_resource_not_found", "firewall_already_removed")) {
      throw error;
    }
  }
}

function toApiRule(rule: PropertyMap): Record<string, unknown> {
  return body({
    direction: rule["direction"],
    protocol: rule["protocol"],
    port: rule["port"] === undefined ? undefined : portOf(rule["port"]),
    source_ips: rule["sourceIps"] ?? [],
    destination_ips: rule["destinationIps"] ?? [],
    description: rule["description"],
  });
}

/** The API writes the whole range where the provider says "any". */
function portOf(port: PropertyValue): string {
  return port === "any" ? "1-65535" : text(port);
}

function fromApiRule(rule: ApiFirewall["rules"][number]): PropertyMap {
  return {
    direction: rule.direction,
    protocol: rule.protocol,
    ...(rule.port && { port: rule.port === "1-65535" ? "any" : rule.port }),
    ...(rule.source_ips?.length && { sourceIps: rule.source_ips }),
    ...(rule.destination_ips?.length && { destinationIps: rule.destination_ips }),
    ...(rule.description && { description: rule.description }),
  };
}

function toApiResource(applyTo: PropertyMap): FirewallResource {
  return applyTo["labelSelector"]
    ? { type: "label_selector", label_selector: { selector: text(applyTo["labelSelector"]) } }
    : { type: "server", server: { id: Number(applyTo["server"]) } };
}

/** A selector's entry also lists the servers that it matches, which the API does not take back. */
function toReference({ type, server, label_selector }: FirewallResource): FirewallResource {
  return type === "server"
    ? { type, server: { id: server!.id } }
    : { type, label_selector: { selector: label_selector!.selector } };
}

function fromApiResource({ server, label_selector }: FirewallResource): PropertyMap {
  return label_selector ? { labelSelector: label_selector.selector } : { server: server!.id };
}

function list(value: PropertyValue | undefined): PropertyMap[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}
