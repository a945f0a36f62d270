import type * as pulumi from "@pulumi/pulumi";
import type { ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartPods } from "../../kit/labels";
import { openPath } from "../../kit/network-policy";
import { Operator } from "../../kit/operator";
import { after } from "../../kit/options";
import { Paths } from "../../kit/paths";
import type { NatsServer } from "./client";
import { controllerValues } from "./controller";
import { CLIENT_PORT } from "./values";

export interface ControllerArgs {
  readonly charts: ChartSource;
  readonly server: NatsServer;
  readonly url: string;
  readonly key: { readonly secretName: string; readonly ready: pulumi.Resource };
}

/** NACK beside the servers, after its key and its way to them. */
export function createController(name: string, args: ControllerArgs, opts: pulumi.CustomResourceOptions): Operator {
  const { server, url, key } = args;
  const { namespace } = server;
  const trust = server.certificates?.trust(namespace.name);
  const chart = charts.jetStreamController;
  const path = new Paths(
    `${name}-paths`,
    (inside) =>
      openPath(
        `${name}-servers`,
        {
          from: chartPods(chart, name, namespace.name),
          to: server.pods,
          ports: [{ name: "nats", port: CLIENT_PORT }],
          owner: server.identity,
        },
        inside,
      ),
    { parent: opts.parent },
  );
  const values = controllerValues({ name, url, keySecret: key.secretName, caConfigMap: trust?.configMap });
  return new Operator(
    name,
    { chart, charts: args.charts, namespace, values },
    after(opts, path, key.ready, trust?.ready),
  );
}
