import { locationsOfZone, zoneOfLocation } from "../../../components/hetzner/market";
import type { Settings } from "../schema";
import { didYouMean } from "../suggest";
import { type Rule, rule } from "./rule";

interface Placed {
  path: string;
  locations: readonly string[];
}

function placed(settings: Settings): Placed[] {
  return [
    { path: "controlPlane.locations", locations: settings.controlPlane.locations },
    ...settings.pools.map(({ locations }, index) => ({ path: `pools[${index}].locations`, locations })),
  ];
}

const known = Object.keys(zoneOfLocation);

export const locationRules: Rule[] = [
  rule("locations-empty", (settings) =>
    placed(settings)
      .filter(({ locations }) => locations.length === 0)
      .map(({ path, locations }) => ({
        path,
        value: locations,
        message: "Servers need a location.",
        allowed: `at least one of ${locationsOfZone(settings.network.zone).join(", ")}`,
        fix: `Put a location into orrery:${path}.`,
      })),
  ),
  rule("location-known", (settings) =>
    placed(settings).flatMap(({ path, locations }) =>
      locations.flatMap((location, index) => {
        if (known.includes(location)) return [];
        const meant = didYouMean(location, known);
        return [
          {
            path: `${path}[${index}]`,
            value: location,
            message: `Hetzner Cloud has no location of this name.${meant ? ` Did you mean ${meant}?` : ""}`,
            allowed: known.join(", "),
            fix: `Set orrery:${path}[${index}] to ${meant ?? "one of these"}; data centres (fsn1-dc14) are no locations.`,
          },
        ];
      }),
    ),
  ),
  rule("location-zone", (settings) =>
    placed(settings).flatMap(({ path, locations }) =>
      locations.flatMap((location, index) => {
        const zone = zoneOfLocation[location];
        if (zone === undefined || zone === settings.network.zone) return [];
        return [
          {
            path: `${path}[${index}]`,
            value: location,
            message: `${location} is in zone ${zone}, and the private network is in ${settings.network.zone}.`,
            allowed: locationsOfZone(settings.network.zone).join(", "),
            fix: `Choose a location in ${settings.network.zone}, or set orrery:network.zone to ${zone} for all servers.`,
          },
        ];
      }),
    ),
  ),
];
