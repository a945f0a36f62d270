import { canonicalText, isPrivate, parseAddress, parseCidr } from "../cidr";
import { domainName } from "./names";
import { duplicates, type Rule, rule } from "./rule";

/** Hetzner's limit for the sources of one firewall rule. */
const maxSources = 100;

/** Shorter prefixes than these are not somebody's own addresses. */
const shortestPrefix = { 4: 8, 6: 19 } as const;

const hostname = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export const accessRules: Rule[] = [
  rule("admin-cidrs-count", ({ access: { adminCidrs } }) =>
    adminCidrs.length > 0 && adminCidrs.length <= maxSources
      ? []
      : [
          {
            path: "access.adminCidrs",
            value: adminCidrs.length === 0 ? adminCidrs : adminCidrs.length,
            message:
              adminCidrs.length === 0
                ? "Nobody could reach the Talos API, so the cluster could not be made."
                : "A Hetzner firewall rule takes no more sources than that.",
            allowed: `1 to ${maxSources} ranges`,
            fix:
              adminCidrs.length === 0
                ? 'Put your own public address into orrery:access.adminCidrs, e.g. ["203.0.113.7/32"].'
                : "Merge neighbouring ranges.",
          },
        ],
  ),
  rule("admin-cidr-valid", ({ access }) =>
    access.adminCidrs.flatMap((text, index) => {
      if (parseCidr(text)) return [];
      const address = parseAddress(text);
      return [
        {
          path: `access.adminCidrs[${index}]`,
          value: text,
          message: address ? "An address needs a prefix length." : "This is not a range in CIDR notation.",
          allowed: "IPv4 or IPv6 ranges, e.g. 203.0.113.0/24 or 2001:db8::/48",
          fix: address
            ? `Write ${text}/${address.version === 4 ? 32 : 128}.`
            : "Write it as <address>/<prefix length>.",
        },
      ];
    }),
  ),
  rule("admin-cidr-canonical", ({ access }) =>
    access.adminCidrs.flatMap((text, index) => {
      const range = parseCidr(text);
      if (!range || range.canonical) return [];
      return [
        {
          path: `access.adminCidrs[${index}]`,
          value: text,
          message: "The address has bits set beyond its prefix; Hetzner refuses it.",
          allowed: "the first address of a range, or one address with /32 or /128",
          fix: `Write ${canonicalText(range)} for the range, or ${text.replace(/\/.*/, range.version === 4 ? "/32" : "/128")} for the one address.`,
        },
      ];
    }),
  ),
  rule("admin-cidr-open", ({ access }) =>
    access.adminCidrs.flatMap((text, index) => {
      const range = parseCidr(text);
      if (!range || range.prefix >= shortestPrefix[range.version]) return [];
      return [
        {
          path: `access.adminCidrs[${index}]`,
          value: text,
          message: "This opens the Talos and Kubernetes APIs to the world.",
          allowed: `IPv4 prefixes from /${shortestPrefix[4]}, IPv6 prefixes from /${shortestPrefix[6]}`,
          fix: "Give only your own addresses; `curl https://ip.hetzner.com` shows yours.",
        },
      ];
    }),
  ),
  rule("admin-cidr-private", ({ access }) =>
    access.adminCidrs.flatMap((text, index) => {
      const range = parseCidr(text);
      if (!range || !isPrivate(range)) return [];
      return [
        {
          path: `access.adminCidrs[${index}]`,
          value: text,
          message: "This is a private address: Hetzner sees the public one of your router, so this lets nobody in.",
          allowed: "public addresses",
          fix: "Give the address under which the internet sees you; `curl https://ip.hetzner.com` shows it.",
        },
      ];
    }),
  ),
  rule("admin-cidr-unique", ({ access }) =>
    duplicates(access.adminCidrs).map((index) => ({
      path: `access.adminCidrs[${index}]`,
      value: access.adminCidrs[index],
      message: "This range is in the list already.",
      allowed: "each range once",
      fix: `Remove orrery:access.adminCidrs[${index}].`,
    })),
  ),
  rule("extra-san", ({ kubernetesApi }) =>
    kubernetesApi.extraSans.flatMap((san, index) => {
      if (domainName.test(san) || (hostname.test(san) && !/^\d+$/.test(san)) || parseAddress(san)) return [];
      return [
        {
          path: `kubernetesApi.extraSans[${index}]`,
          value: san,
          message: "This is neither a DNS name nor an IP address, so no certificate can hold it.",
          allowed: "lower-case DNS names and IP addresses, without https:// and without a port",
          fix: `Write only the name or the address in orrery:kubernetesApi.extraSans[${index}].`,
        },
      ];
    }),
  ),
  rule("extra-san-unique", ({ kubernetesApi: { extraSans } }) =>
    duplicates(extraSans).map((index) => ({
      path: `kubernetesApi.extraSans[${index}]`,
      value: extraSans[index],
      message: "This name is in the list already.",
      allowed: "each name once",
      fix: `Remove orrery:kubernetesApi.extraSans[${index}].`,
    })),
  ),
];
