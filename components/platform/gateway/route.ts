import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { RouteArgs, RouteHandle, TcpRouteArgs } from "../../kit/route";
import type { DataPlane } from "./data-plane";
import type { Listener } from "./listeners";

export interface GatewayRouteArgs {
  readonly dataPlane: DataPlane;
  readonly listener: Listener;
  readonly route: RouteArgs;
}

/** One way in: a host and a path of the gateway, and who may use it. */
export class GatewayRoute extends Component implements RouteHandle {
  readonly url: string;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, { dataPlane, listener, route }: GatewayRouteArgs, opts: pulumi.ComponentResourceOptions) {
    super("orrery:platform:Route", name, opts);
    checkRoute(name, route);
    this.url = `https://${route.host}${route.path ?? "/"}`;
    dataPlane.route(name, route, listener, this.child());
    this.registerOutputs({ url: this.url });
  }
}

export interface GatewayTcpRouteArgs {
  readonly dataPlane: DataPlane;
  readonly listener: Listener;
  readonly route: TcpRouteArgs;
  /** Name under which the gateway is found. */
  readonly host: string;
}

/** One port of the gateway, passed on as it is. */
export class GatewayTcpRoute extends Component implements RouteHandle {
  readonly url: string;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, args: GatewayTcpRouteArgs, opts: pulumi.ComponentResourceOptions) {
    super("orrery:platform:TcpRoute", name, opts);
    checkTcpRoute(name, args.route);
    this.url = `tcp://${args.host}:${args.route.port}`;
    args.dataPlane.tcpRoute(name, args.route.backend, args.listener, this.child());
    this.registerOutputs({ url: this.url });
  }
}

/** Envoy would speak TLS inside the client's TLS, and nginx would not speak it at all. */
function checkTcpRoute(name: string, { backend }: TcpRouteArgs): void {
  if (backend.tls !== undefined) {
    throw new Error(
      `Route "${name}": a TCP route passes bytes on as they are, and TLS is between the client and the backend: leave out \`tls\`.`,
    );
  }
}

/** What a caller can get wrong. */
function checkRoute(name: string, { protocol, path, backend, signIn }: RouteArgs): void {
  const problems: string[] = [];
  if (protocol === "h2c" && path !== undefined && path !== "/") {
    problems.push(`gRPC routes have no path: leave out "${path}", or give the route a host of its own`);
  }
  const client = signIn?.kind === "oidc" ? signIn.client : undefined;
  const here = backend.namespace.name;
  if (client !== undefined && client.secretNamespace !== here) {
    problems.push(
      `the client's Secret is in ${client.secretNamespace} and must be where the backend is: ask for the client with a consumer in ${here}`,
    );
  }
  if (problems.length > 0) {
    throw new Error(`Route "${name}":\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}
