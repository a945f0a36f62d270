import type { FastifyInstance } from "fastify";
import { loadBalancerTypes, locations, serverTypes } from "./catalog";
import { loadBalancerTypeView, pricingView, serverTypeView } from "./catalog-views";
import type { Context } from "./context";
import { apiError, notFound } from "./errors";
import { one, page, type Query } from "./listing";
import { pathId } from "./validation";

/** What can be bought, and for how much. */
export function registerCatalog(app: FastifyInstance, context: Context): void {
  catalog(app, "locations", "location", () => locations);
  catalog(app, "load_balancer_types", "load_balancer_type", () => loadBalancerTypes.map(loadBalancerTypeView));
  catalog(app, "server_types", "server_type", () =>
    serverTypes.map((type) => serverTypeView(type, context.store.sandbox.soldOut)),
  );
  catalog(app, "isos", "iso", () => isos);
  app.get("/pricing", () => ({ pricing: pricingView() }));

  // Removed by Hetzner on 1 October 2026.
  for (const path of ["/datacenters", "/datacenters/:id"]) {
    app.get(path, () => {
      throw apiError("deprecated_api_endpoint", "the datacenters endpoint was removed: use locations");
    });
  }
}

function catalog<T extends { id: number; name: string }>(
  app: FastifyInstance,
  plural: string,
  singular: string,
  entries: () => T[],
): void {
  app.get(`/${plural}`, (request) => {
    const query = request.query as Query;
    const architecture = one(query, "architecture");
    const chosen = entries().filter(
      (entry) => architecture === undefined || !("architecture" in entry) || entry.architecture === architecture,
    );
    const { items, meta } = page(chosen, query);
    return { [plural]: items, meta };
  });
  app.get(`/${plural}/:id`, (request) => {
    const id = pathId(request.params);
    const entry = entries().find((each) => each.id === id);
    if (!entry) {
      throw notFound(singular, id);
    }
    return { [singular]: entry };
  });
}

/** The public Talos ISOs; their version is Hetzner's choice. */
const isos = [
  { id: 122630, name: "talos-amd64", architecture: "x86" },
  { id: 122629, name: "talos-arm64", architecture: "arm" },
].map((iso) => ({ ...iso, description: "Talos Linux", type: "public", deprecation: null, deprecated: null }));
