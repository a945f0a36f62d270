import { createHash } from "node:crypto";
import { isMap, type PropertyMap, type PropertyValue } from "../framework";
import { strings } from "../framework/local-resource";
import type { ApiHealthCheck, ApiLoadBalancer, ApiService, ApiTarget } from "./api-types";
import { splitId } from "./common";
import { hasCode, isNotFound } from "./errors";
import { getLoadBalancer } from "./load-balancer";
import { body, type CloudResource, find, type Session } from "./resource";

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

export const loadBalancerService: CloudResource = {
  inputs: {
    destinationPort: { type: "number", computed: true },
    healthCheck: { type: "object", computed: true },
    http: { type: "object", computed: true },
    listenPort: { type: "number", computed: true, replaces: true },
    loadBalancerId: { type: "string", required: true, replaces: true },
    protocol: { type: "string", required: true, replaces: true, allowed: ["http", "https", "tcp"] },
    proxyprotocol: { type: "boolean", computed: true },
  },
  outputs: [],
  validate: (inputs) =>
    inputs["protocol"] === "tcp"
      ? ["listenPort", "destinationPort"]
          .filter((property) => inputs[property] === undefined)
          .map((property) => ({ property, reason: `${property} is required for protocol tcp` }))
      : [],
  async create(session, inputs) {
    const balancer = String(inputs["loadBalancerId"]);
    const listenPort = Number(inputs["listenPort"] ?? DEFAULT_PORTS[String(inputs["protocol"])]);
    const service = { protocol: inputs["protocol"], listen_port: listenPort, ...serviceBody(inputs) };
    await session.client.act(`/load_balancers/${balancer}/actions/add_service`, service, session.signal);
    return `${balancer}__${listenPort}`;
  },
  async read(session, id) {
    const [balancer, port] = splitServiceId(id);
    const found = await getLoadBalancer(session, balancer);
    const service = found?.services.find(({ listen_port }) => listen_port === port);
    return service && { loadBalancerId: balancer, ...serviceOutputs(service) };
  },
  async update(session, state) {
    const [balancer, listenPort] = splitServiceId(state.id);
    const service = { listen_port: listenPort, protocol: state.after["protocol"], ...serviceBody(state.after) };
    await session.client.act(`/load_balancers/${balancer}/actions/update_service`, service, session.signal);
  },
  async delete(session, id) {
    const [balancer, listenPort] = splitServiceId(id);
    const path = `/load_balancers/${balancer}/actions/delete_service`;
    await session.client.act(path, { listen_port: listenPort }, session.signal);
  },
};

function splitServiceId(id: string): [string, number] {
  const [balancer, port] = splitId(id, "__", "<load balancer id>__<listen port>");
  return [balancer, Number(port)];
}

function serviceBody(inputs: PropertyMap): Record<string, unknown> {
  const http = isMap(inputs["http"]) ? inputs["http"] : undefined;
  const check = isMap(inputs["healthCheck"]) ? inputs["healthCheck"] : undefined;
  return body({
    destination_port: inputs["destinationPort"],
    proxyprotocol: inputs["proxyprotocol"],
    http:
      http &&
      body({
        sticky_sessions: http["stickySessions"],
        cookie_name: http["cookieName"],
        cookie_lifetime: http["cookieLifetime"],
        certificates: http["certificates"],
        redirect_http: http["redirectHttp"],
        timeout_idle: http["timeoutIdle"],
      }),
    health_check: check && healthCheckBody(check),
  });
}

function healthCheckBody(check: PropertyMap): Record<string, unknown> {
  const http = isMap(check["http"]) ? check["http"] : undefined;
  return body({
    protocol: check["protocol"],
    port: check["port"],
    interval: check["interval"],
    timeout: check["timeout"],
    retries: check["retries"],
    http:
      http &&
      body({
        domain: http["domain"],
        path: http["path"],
        response: http["response"],
        tls: http["tls"],
        status_codes: http["statusCodes"] === undefined ? undefined : strings(http["statusCodes"]),
      }),
  });
}

function serviceOutputs(service: ApiService): PropertyMap {
  const { http } = service;
  return {
    protocol: service.protocol,
    listenPort: service.listen_port,
    destinationPort: service.destination_port,
    proxyprotocol: service.proxyprotocol,
    healthCheck: healthCheckOutputs(service.health_check),
    ...(http &&
      service.protocol !== "tcp" && {
        http: present({
          stickySessions: http.sticky_sessions,
          cookieName: http.cookie_name,
          cookieLifetime: http.cookie_lifetime,
          certificates: http.certificates,
          redirectHttp: http.redirect_http,
          timeoutIdle: http.timeout_idle,
        }),
      }),
  };
}

function healthCheckOutputs({ protocol, port, interval, timeout, retries, http }: ApiHealthCheck): PropertyMap {
  return {
    protocol,
    port,
    interval,
    timeout,
    retries,
    ...(http && {
      http: present({
        domain: http.domain,
        path: http.path,
        response: http.response,
        statusCodes: http.status_codes,
        tls: http.tls,
      }),
    }),
  };
}

function present(fields: Record<string, PropertyValue | undefined>): PropertyMap {
  return body(fields) as PropertyMap;
}

export const loadBalancerTarget: CloudResource = {
  inputs: {
    ip: { type: "string", replaces: true },
    labelSelector: { type: "string", replaces: true },
    loadBalancerId: { type: "number", required: true, replaces: true },
    serverId: { type: "number", replaces: true },
    type: { type: "string", required: true, allowed: ["server", "label_selector", "ip"] },
    usePrivateIp: { type: "boolean", computed: true },
  },
  outputs: [],
  validate(inputs) {
    const given = ["serverId", "labelSelector", "ip"].filter((key) => inputs[key] !== undefined);
    if (given.length !== 1) {
      return [{ property: "type", reason: "exactly one of serverId, labelSelector and ip must be given" }];
    }
    return inputs["ip"] !== undefined && inputs["usePrivateIp"] !== undefined
      ? [{ property: "usePrivateIp", reason: "usePrivateIp does not go with ip" }]
      : [];
  },
  create: addTarget,
  async read(session, id, known) {
    // An import has only the id: <load balancer id>__<type>__<server id, selector or address>.
    const wanted = known["type"] === undefined ? importedTarget(id) : known;
    const found = await getLoadBalancer(session, String(wanted["loadBalancerId"]));
    const target = found && findTarget(found, wanted);
    return target && targetOutputs(found.id, target);
  },
  async update(session, state) {
    await removeTarget(session, state.before);
    await addTarget(session, state.after);
  },
  delete: (session, _id, known) => removeTarget(session, known),
};

async function addTarget(session: Session, inputs: PropertyMap): Promise<string> {
  const balancer = String(inputs["loadBalancerId"]);
  if (inputs["type"] === "server") {
    const server = await find(session, `/servers/${inputs["serverId"]}`, "server");
    if (server === undefined) {
      throw new Error(`server ${inputs["serverId"]}: not found`);
    }
  }
  const target = body({ ...targetReference(inputs), use_private_ip: inputs["usePrivateIp"] });
  try {
    await session.client.act(`/load_balancers/${balancer}/actions/add_target`, target, session.signal);
  } catch (error) {
    if (!hasCode(error, "target_already_defined")) {
      throw error;
    }
  }
  return targetId(inputs);
}

async function removeTarget(session: Session, known: PropertyMap): Promise<void> {
  const path = `/load_balancers/${known["loadBalancerId"]}/actions/remove_target`;
  try {
    await session.client.act(path, targetReference(known), session.signal);
  } catch (error) {
    const gone = hasCode(error, "load_balancer_target_not_found") || /target not found/.test((error as Error).message);
    if (!gone && !isNotFound(error)) {
      throw error;
    }
  }
}

function targetReference(inputs: PropertyMap): Record<string, unknown> {
  switch (inputs["type"]) {
    case "server":
      return { type: "server", server: { id: Number(inputs["serverId"]) } };
    case "label_selector":
      return { type: "label_selector", label_selector: { selector: inputs["labelSelector"] } };
    default:
      return { type: "ip", ip: { ip: inputs["ip"] } };
  }
}

function targetId(inputs: PropertyMap): string {
  const balancer = String(inputs["loadBalancerId"]);
  const hash = (value: PropertyValue | undefined): string => createHash("sha256").update(String(value)).digest("hex");
  switch (inputs["type"]) {
    case "server":
      return `lb-srv-tgt-${inputs["serverId"]}-${balancer}`;
    case "label_selector":
      return `lb-label-selector-tgt-${hash(inputs["labelSelector"])}-${balancer}`;
    default:
      return `lb-ip-tgt-${hash(inputs["ip"])}-${balancer}`;
  }
}

function importedTarget(id: string): PropertyMap {
  const [balancer, type, ...rest] = id.split("__");
  const identifier = rest.join("__");
  const keys: Readonly<Record<string, string>> = { server: "serverId", label_selector: "labelSelector", ip: "ip" };
  const key = keys[type ?? ""];
  if (key === undefined || identifier === "") {
    throw new Error(`import id has invalid format: ${id}, wanted <load balancer id>__<type>__<identifier>`);
  }
  return { type: type!, loadBalancerId: Number(balancer), [key]: type === "server" ? Number(identifier) : identifier };
}

function findTarget(found: ApiLoadBalancer, wanted: PropertyMap): ApiTarget | undefined {
  return found.targets.find(
    (target) =>
      target.type === wanted["type"] &&
      (target.server === undefined || target.server.id === Number(wanted["serverId"])) &&
      (target.label_selector === undefined || target.label_selector.selector === wanted["labelSelector"]) &&
      (target.ip === undefined || target.ip.ip === wanted["ip"]),
  );
}

function targetOutputs(loadBalancerId: number, target: ApiTarget): PropertyMap {
  return {
    loadBalancerId,
    type: target.type,
    ...(target.server && { serverId: target.server.id }),
    ...(target.label_selector && { labelSelector: target.label_selector.selector }),
    ...(target.ip && { ip: target.ip.ip }),
    usePrivateIp: target.use_private_ip ?? false,
  };
}
