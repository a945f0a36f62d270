import { CONTROL_PLANE_POOL } from "../../../components/hetzner/machines";
import { wantedServers } from "../../../components/hetzner/market";
import type { Settings } from "../schema";
import { duplicates, type Finding, type Rule, rule } from "./rule";

/** RFC 1123: what Kubernetes and Hetzner take as a host name's label. */
const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

const maxHostname = 63;

/** Leaves room for the pool's name and a number within 63 characters. */
const maxClusterName = 32;

const allowedLabel = "lower-case letters, digits and hyphens; it begins and ends with a letter or digit";

/** A DNS name of at least two labels. */
export const domainName = /^(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

function toLabel(name: string): string {
  const made = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return made === "" ? "another name" : made;
}

function nameFinding(path: string, value: string, what: string, maximum = maxHostname): Finding[] {
  if (label.test(value) && value.length <= maximum) return [];
  return [
    {
      path,
      value,
      message: `It is ${what}, and host names take no other characters${maximum < maxHostname ? " and no more of them" : ""}.`,
      allowed: `${allowedLabel}; at most ${maximum} characters`,
      fix: `Use ${toLabel(value).slice(0, maximum)}.`,
    },
  ];
}

function pools(settings: Settings): { path: string; name: string }[] {
  return [
    ...settings.pools.map(({ name }, index) => ({ path: `pools[${index}].name`, name })),
    ...settings.dedicated.map(({ pool }, index) => ({ path: `dedicated[${index}].pool`, name: pool })),
  ];
}

export const nameRules: Rule[] = [
  rule("cluster-name", ({ cluster }) =>
    nameFinding("cluster.name", cluster.name, "part of every server's name", maxClusterName),
  ),
  rule("domain-syntax", ({ cluster }) =>
    domainName.test(cluster.domain)
      ? []
      : [
          {
            path: "cluster.domain",
            value: cluster.domain,
            message: "This is not a DNS name under which certificates could be issued.",
            allowed: "a lower-case DNS name with at least one dot, without https:// and without a dot at its end",
            fix: "Set orrery:cluster.domain to a domain that you own, e.g. dev.example.com.",
          },
        ],
  ),
  rule("pool-name", (settings) =>
    pools(settings).flatMap(({ path, name }) => nameFinding(path, name, "part of its servers' names and a label")),
  ),
  rule("pool-name-unique", (settings) => {
    const names = settings.pools.map(({ name }) => name);
    return [
      ...duplicates(names).map((index) => ({
        path: `pools[${index}].name`,
        value: names[index],
        message: "Another pool has this name, and servers would be named alike.",
        allowed: "each name once",
        fix: `Rename orrery:pools[${index}], or raise the other pool's count.`,
      })),
      ...settings.dedicated.flatMap(({ pool }, index) =>
        names.includes(pool)
          ? [
              {
                path: `dedicated[${index}].pool`,
                value: pool,
                message: "A pool of cloud servers has this name; nodes of one pool are all alike.",
                allowed: "the name of a pool of dedicated machines",
                fix: `Give orrery:dedicated[${index}] a pool of its own, e.g. gpu.`,
              },
            ]
          : [],
      ),
    ];
  }),
  rule("pool-name-reserved", (settings) =>
    pools(settings)
      .filter(({ name }) => name === CONTROL_PLANE_POOL)
      .map(({ path, name }) => ({
        path,
        value: name,
        message: "This name is that of the control planes, which have settings of their own.",
        allowed: `any name but ${CONTROL_PLANE_POOL}`,
        fix: "Rename the pool; change control planes under orrery:controlPlane.",
      })),
  ),
  rule("machine-name", ({ dedicated }) =>
    dedicated.flatMap(({ name }, index) =>
      nameFinding(`dedicated[${index}].name`, name, "part of the node's name in Kubernetes"),
    ),
  ),
  rule("machine-name-unique", ({ dedicated }) => {
    const names = dedicated.map(({ name }) => name);
    return duplicates(names).map((index) => ({
      path: `dedicated[${index}].name`,
      value: names[index],
      message: "Another dedicated machine has this name, and the second would take the first one's node.",
      allowed: "each name once",
      fix: `Rename orrery:dedicated[${index}].`,
    }));
  }),
  rule("server-name-unique", (settings) => {
    const servers = new Set(wantedServers(settings).map(({ name }) => name));
    return settings.dedicated.flatMap(({ name }, index) => {
      const node = `${settings.cluster.name}-${name}`;
      if (!servers.has(node)) return [];
      return [
        {
          path: `dedicated[${index}].name`,
          value: name,
          message: `Its node would be named ${node}, as a cloud server is.`,
          allowed: "names that no pool makes: <pool>-<n>",
          fix: `Rename orrery:dedicated[${index}].`,
        },
      ];
    });
  }),
  rule("server-name-length", (settings) => {
    const tooLong = (name: string): boolean => name.length > maxHostname;
    const finding = (path: string, value: string, name: string): Finding => ({
      path,
      value,
      message: `The name ${name} has ${name.length} characters, and host names have at most ${maxHostname}.`,
      allowed: `at most ${maxHostname} characters for <cluster>-<name>-<n>`,
      fix: `Shorten orrery:${path} or orrery:cluster.name by ${name.length - maxHostname}.`,
    });
    const { name: cluster } = settings.cluster;
    return [
      ...settings.pools.flatMap(({ name, count }, index) => {
        const longest = `${cluster}-${name}-${count}`;
        return name.length <= maxHostname && tooLong(longest) ? [finding(`pools[${index}].name`, name, longest)] : [];
      }),
      ...settings.dedicated.flatMap(({ name }, index) => {
        const node = `${cluster}-${name}`;
        return name.length <= maxHostname && tooLong(node) ? [finding(`dedicated[${index}].name`, name, node)] : [];
      }),
    ];
  }),
];
