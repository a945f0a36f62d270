import { z } from "zod";

/** The parts of the Hetzner Cloud API's answers that are read here. Prices are strings such as "1.1900000000". */

const decimal = z.string().transform((text, context) => {
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  context.addIssue(`"${text}" is not a number`);
  return z.NEVER;
});

const money = z.object({ net: decimal });

const locationPrice = z.object({ location: z.string(), price_hourly: money, price_monthly: money });

const deprecation = z.object({ announced: z.string(), unavailable_after: z.string() }).nullish();

const meta = z.object({ pagination: z.object({ next_page: z.number().nullable() }) });

export const Pricing = z.object({
  pricing: z.object({
    currency: z.string(),
    image: z.object({ price_per_gb_month: money }),
    volume: z.object({ price_per_gb_month: money }),
    server_backup: z.object({ percentage: decimal }),
    primary_ips: z.array(
      z.object({ type: z.string(), prices: z.array(z.object({ location: z.string(), price_monthly: money })) }),
    ),
  }),
});

export const ServerTypePage = z.object({
  meta,
  server_types: z.array(
    z.object({
      name: z.string(),
      cores: z.number(),
      memory: z.number(),
      disk: z.number(),
      architecture: z.enum(["x86", "arm"]),
      cpu_type: z.enum(["shared", "dedicated"]),
      prices: z.array(locationPrice),
      deprecation,
      // `available` came in April 2026; an answer without it says nothing about stock.
      locations: z.array(z.object({ name: z.string(), available: z.boolean().default(true), deprecation })).default([]),
    }),
  ),
});

export const LoadBalancerTypePage = z.object({
  meta,
  load_balancer_types: z.array(
    z.object({
      name: z.string(),
      max_targets: z.number(),
      max_services: z.number(),
      max_connections: z.number(),
      prices: z.array(locationPrice),
      deprecated: z.string().nullable().default(null),
    }),
  ),
});

export const ServerPage = z.object({
  meta,
  servers: z.array(z.object({ name: z.string(), server_type: z.object({ name: z.string() }) })),
});

export type Pricing = z.output<typeof Pricing>;
export type ServerTypePage = z.output<typeof ServerTypePage>;
export type LoadBalancerTypePage = z.output<typeof LoadBalancerTypePage>;
