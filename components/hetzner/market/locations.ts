export type NetworkZone = "eu-central" | "us-east" | "us-west" | "ap-southeast";

/** Hetzner Cloud's locations and the network zone of each. A private network cannot leave its zone. */
export const zoneOfLocation: Readonly<Record<string, NetworkZone>> = {
  fsn1: "eu-central",
  nbg1: "eu-central",
  hel1: "eu-central",
  ash: "us-east",
  hil: "us-west",
  sin: "ap-southeast",
};

/** The locations of a zone. */
export function locationsOfZone(zone: NetworkZone): string[] {
  return Object.keys(zoneOfLocation).filter((location) => zoneOfLocation[location] === zone);
}
