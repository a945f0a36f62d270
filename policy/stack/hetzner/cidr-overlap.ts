import type { Finding, StackRule, StackView, Subject } from "../../framework/rule";
import { NETWORK, SUBNET } from "../../hcloud/objects";
import { contains, overlaps, parseCidr, type Range } from "./cidr";
import { ofType, reference } from "./resources";

interface Named {
  what: string;
  range: Range;
  subject?: Subject;
  /** What its subnets refer to. */
  network?: string;
}

function rangesOf(
  stack: StackView,
  type: string,
  what: (name: string) => string,
  network: (subject: Subject) => string | undefined,
): Named[] {
  return ofType(stack, type).flatMap((subject) => {
    const range = parseCidr(stack.read(subject, (props) => String(props.ipRange)) ?? "");
    return range === undefined ? [] : [{ what: what(subject.name), range, subject, network: network(subject) }];
  });
}

/** Every pair of the list that overlaps. */
const clashes = (list: readonly Named[]): Finding[] =>
  list.flatMap((one, index) =>
    list
      .slice(index + 1)
      .filter((other) => overlaps(one.range, other.range))
      .map((other) => ({
        subject: other.subject ?? one.subject,
        message: `${other.what} (${other.range.text}) overlaps ${one.what} (${one.range.text})`,
      })),
  );

export const cidrOverlap: StackRule = {
  name: "cidr-overlap",
  description:
    "Ranges of addresses do not overlap: networks, subnets, and those of pods and services, where the stack names them.",
  severity: "high",
  level: "mandatory",
  remediation: "Choose another range; changing one that is in use replaces it.",
  config: {
    properties: {
      pods: { type: "string", default: "", description: "IPv4 range of the pods. Empty: not looked at." },
      services: { type: "string", default: "", description: "IPv4 range of the Services. Empty: not looked at." },
    },
  },
  check: (stack, { pods = "", services = "" }) => {
    const said = Object.entries({ pods, services }).flatMap(([what, text]): Named[] => {
      const range = parseCidr(String(text));
      return range === undefined ? [] : [{ what: `the range of ${what}`, range }];
    });
    const networks = rangesOf(
      stack,
      NETWORK,
      (name) => `network ${name}`,
      ({ urn }) => urn,
    );
    const subnets = rangesOf(
      stack,
      SUBNET,
      (name) => `subnet ${name}`,
      (subject) => reference(stack, subject, "networkId", (props) => props.networkId),
    );
    const outside = subnets.flatMap(({ what, range, subject, network }): Finding[] => {
      const own = networks.find((each) => each.network === network);
      return own === undefined || contains(own.range, range)
        ? []
        : [{ subject, message: `${what} (${range.text}) is not inside ${own.what} (${own.range.text})` }];
    });
    // Pods and services may lie in a network of their own nodes, never in one of its subnets.
    return [...clashes([...said, ...subnets]), ...clashes(networks), ...outside];
  },
};
