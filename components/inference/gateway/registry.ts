import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import type { Consumer } from "../../kit/capability";
import type { Certificates, Trust } from "../../kit/certificates";
import { metadata } from "../../kit/labels";
import { type ModelHandle, type ModelLimits, type ModelRequest, type Models, modelKey } from "../../kit/models";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { consumerOf } from "../../kit/service";
import { MODEL_NAMESPACE } from "../types";
import { GATEWAY_NAME, GATEWAY_PORT, gatewaySoftware, usualLimits } from "./names";

export interface ModelRegistryArgs {
  readonly namespaces: Namespaces;
  /** Issues the gateway's certificate. @default - none: plain HTTP inside the cluster */
  readonly certificates?: Certificates;
  /** Model services that there will be, by name. */
  readonly services: readonly string[];
}

/** Somebody outside this program, of the settings. */
export interface DeclaredConsumer {
  /** Unique. Changing it makes another key. */
  readonly name: string;
  /** @default - nobody yet: the Secret is beside the gateway, and no network path is opened */
  readonly consumer?: Consumer;
  readonly services: readonly string[];
  readonly limits: ModelLimits;
}

/** A key, and what it opens: what the gateway has to know. */
export interface ModelAccess {
  readonly consumer: string;
  /** Secret. */
  readonly key: pulumi.Output<string>;
  readonly models: readonly string[];
  readonly limits: ModelLimits;
}

/** Where a consumer's Secret is. */
export interface AccessSecret {
  readonly secretName: string;
  readonly secretNamespace: string;
}

interface Entry extends AccessSecret {
  readonly name: string;
  readonly key: pulumi.Output<string>;
  readonly models: Set<string>;
  readonly limits: ModelLimits;
  readonly trust?: Trust;
  readonly secret: k8s.core.v1.Secret;
}

/**
 * Who may ask which models. It is there before applications, which take models of it; the gateway comes last, and knows
 * all of them then. Each consumer gets one key, one Secret and one network path, however many models it asks for.
 */
export class ModelRegistry extends Component implements Models {
  readonly namespace: DomainNamespace;
  /** The gateway, before it is made. */
  readonly gateway: Consumer;
  readonly host: string;
  readonly port = GATEWAY_PORT;
  /** OPENAI_BASE_URL inside the cluster. */
  readonly url: string;
  private readonly entries = new Map<string, Entry>();
  private readonly opened = new Set<string>();
  /** Models of a consumer are known when everybody has asked: its Secret waits for that. */
  private readonly complete: Promise<void>;
  private finish: () => void = () => undefined;

  constructor(
    name: string,
    private readonly args: ModelRegistryArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const namespace = args.namespaces.get(MODEL_NAMESPACE);
    super("orrery:inference:ModelRegistry", name, after(opts, namespace));
    this.namespace = namespace;
    this.gateway = consumerOf(GATEWAY_NAME, { ...gatewaySoftware, namespace });
    this.host = `${GATEWAY_NAME}.${namespace.name}.svc`;
    this.url = `${args.certificates === undefined ? "http" : "https"}://${this.host}:${GATEWAY_PORT}/v1`;
    this.complete = new Promise((resolve) => {
      this.finish = resolve;
    });
    this.registerOutputs({ url: this.url });
  }

  /** `name` is one of the services; the consumer's one key opens it from now on. */
  model(name: string, { consumer, limits }: ModelRequest): ModelHandle {
    this.checkServices(consumer.identity.instance, [name]);
    const { instance } = consumer.identity;
    const entry = this.entries.get(instance) ?? this.enter(instance, consumer, { ...usualLimits, ...limits });
    entry.models.add(name);
    return {
      host: this.host,
      port: this.port,
      url: this.url,
      model: name,
      secretName: entry.secretName,
      ...(entry.trust && { caConfigMap: entry.trust.configMap }),
      provider: this.gateway.pods,
      ready: entry.secret,
    };
  }

  /** A consumer of the settings; returns where its Secret is. */
  declare({ name, consumer, services, limits }: DeclaredConsumer): AccessSecret {
    this.checkServices(name, services);
    if (this.entries.has(name)) {
      throw new Error(
        `Models: there is a consumer "${name}" already. Give the one in orrery:inference.consumers another name.`,
      );
    }
    const entry = this.enter(name, consumer, limits);
    for (const service of services) entry.models.add(service);
    const { secretName, secretNamespace } = entry;
    return { secretName, secretNamespace };
  }

  /** Everybody has asked. Called once, by the gateway. */
  close(): readonly ModelAccess[] {
    this.finish();
    return [...this.entries.values()].map(({ name, key, models, limits }) => ({
      consumer: name,
      key,
      models: [...models].sort(),
      limits,
    }));
  }

  private enter(name: string, consumer: Consumer | undefined, limits: ModelLimits): Entry {
    const home = consumer?.namespace ?? this.namespace;
    const trust = this.args.certificates?.trust(home.name);
    const secretName = `${GATEWAY_NAME}-${name}`;
    const child = this.child({ dependsOn: [home, ...(trust === undefined ? [] : [trust.ready])] });
    const { result: key } = new random.RandomPassword(secretName, { length: 48, special: false }, this.child());
    const models = new Set<string>();
    const secret = new k8s.core.v1.Secret(
      secretName,
      {
        metadata: metadata((consumer ?? this.gateway).identity, { name: secretName, namespace: home.name }),
        type: "Opaque",
        stringData: pulumi.all([key, this.complete]).apply(([plain]) => this.secretOf(plain, models)),
      },
      child,
    );
    if (consumer !== undefined) this.openPath(consumer);
    const entry = { name, key, models, limits, trust, secret, secretName, secretNamespace: home.name };
    this.entries.set(name, entry);
    return entry;
  }

  private secretOf(key: string, models: ReadonlySet<string>): Record<string, string> {
    return {
      OPENAI_BASE_URL: this.url,
      OPENAI_API_KEY: key,
      ...Object.fromEntries([...models].sort().map((model) => [modelKey(model), model])),
    };
  }

  /** One for each application, however many keys it has; two of one name may be in two namespaces. */
  private openPath({ identity, pods, namespace }: Consumer): void {
    const from = { ...pods, instance: `${pods.namespace}-${pods.instance}` };
    if (this.opened.has(from.instance)) return;
    this.opened.add(from.instance);
    openPath(
      `${from.instance}-${GATEWAY_NAME}`,
      { from, to: this.gateway.pods, ports: [{ name: "http", port: GATEWAY_PORT }], owner: identity },
      this.child({ dependsOn: [namespace, this.namespace] }),
    );
  }

  private checkServices(consumer: string, names: readonly string[]): void {
    const { services } = this.args;
    const unknown = names.filter((name) => !services.includes(name));
    if (unknown.length === 0) return;
    throw new Error(
      `Models: ${consumer} asks for ${unknown.join(", ")}, and orrery:inference.services has ` +
        `${services.length === 0 ? "none" : services.join(", ")}. Add the service there, or ask for one of these.`,
    );
  }
}
