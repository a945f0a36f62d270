import type { StackRule } from "../../framework/rule";
import { LOAD_BALANCER, labelKeys, labelOf, SERVER } from "../../hcloud/objects";
import { zoneOfLocation } from "../../hcloud/prices";

export const oneNetworkZone: StackRule = {
  name: "one-network-zone",
  description:
    "All servers and load balancers of a cluster are in one network zone: a private network cannot leave it.",
  severity: "high",
  level: "mandatory",
  remediation:
    "Take locations of one zone: fsn1, nbg1, hel1 (eu-central), ash (us-east), hil (us-west), sin (ap-southeast).",
  check: (stack) => {
    const first = new Map<string, { zone: string; name: string }>();
    return stack.subjects
      .filter(({ type }) => type === SERVER || type === LOAD_BALANCER)
      .flatMap((subject) => {
        const place = stack.read(subject, (props) => ({
          cluster: labelOf(props, labelKeys.cluster) ?? "",
          location: props.location as string | undefined,
        }));
        if (place?.location === undefined) return [];
        const zone = zoneOfLocation[place.location];
        if (zone === undefined) return [{ subject, message: `location ${place.location} is not on the pack's list` }];
        const other = first.get(place.cluster);
        if (other === undefined) first.set(place.cluster, { zone, name: subject.name });
        return other === undefined || other.zone === zone
          ? []
          : [{ subject, message: `it is in ${place.location} (${zone}), and ${other.name} is in ${other.zone}` }];
      });
  },
};
