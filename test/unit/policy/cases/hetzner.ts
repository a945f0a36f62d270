import { unknown } from "../unknown";
import type { RuleCases } from "./types";

const type = "hcloud:index/server:Server";
const controlPlane = { labels: { "orrery.dev/role": "control-plane" } };
const labels = { "managed-by": "orrery", "orrery.dev/cluster": "prod" };

export const hetznerCases: RuleCases[] = [
  {
    rule: "hcloud-protection",
    type,
    config: { required: true },
    pass: { protected: { deleteProtection: true, rebuildProtection: true } },
    fail: {
      none: { props: {}, says: "deleteProtection is not true; rebuildProtection is not true" },
      "against deletion alone": { props: { deleteProtection: true }, says: "rebuildProtection" },
      volume: { type: "hcloud:index/volume:Volume", props: {}, says: "deleteProtection" },
      network: { type: "hcloud:index/network:Network", props: {}, says: "deleteProtection" },
      "load balancer": { type: "hcloud:index/loadBalancer:LoadBalancer", props: {}, says: "deleteProtection" },
      address: {
        type: "hcloud:index/primaryIp:PrimaryIp",
        props: { deleteProtection: false },
        says: "deleteProtection",
      },
    },
    unknown: { deleteProtection: unknown },
  },
  {
    rule: "server-type-known",
    type,
    config: { known: ["cx99"] },
    pass: {
      sold: { serverType: "ccx33", location: "fsn1" },
      "in America": { serverType: "cpx31", location: "ash" },
      "said by the stack": { serverType: "cx99", location: "fsn1" },
      "a location that Hetzner chooses": { serverType: "cax11" },
    },
    fail: {
      unheard: { props: { serverType: "cx1000" }, says: "server type cx1000 is not on the list" },
      withdrawn: { props: { serverType: "cx22", location: "fsn1" }, says: "generation that is no longer sold" },
      elsewhere: { props: { serverType: "cpx31", location: "fsn1" }, says: "not sold in fsn1; it is in ash, hil" },
    },
    unknown: { serverType: unknown },
  },
  {
    rule: "server-placement",
    type,
    pass: {
      spread: { ...controlPlane, placementGroupId: 1 },
      "a group that is not known yet": { ...controlPlane, placementGroupId: unknown },
      worker: { labels: { "orrery.dev/role": "worker" } },
    },
    fail: {
      none: { props: controlPlane, says: "is in no placement group" },
      "set to nothing": { props: { ...controlPlane, placementGroupId: null }, says: "is in no placement group" },
    },
    unknown: { labels: unknown },
  },
  {
    rule: "server-no-password",
    type,
    pass: {
      keys: { sshKeys: ["a"] },
      "user data that is not known yet": { userData: unknown },
    },
    fail: { neither: { props: { sshKeys: [] }, says: "neither sshKeys nor userData" } },
    unknown: { userData: unknown },
    presence: true,
  },
  {
    rule: "server-private-network",
    type,
    pass: { attached: { networks: [{ ip: "10.0.0.2" }] }, "not known yet": { networks: unknown } },
    fail: { none: { props: {}, says: "no networks" }, empty: { props: { networks: [] }, says: "no networks" } },
    unknown: { networks: unknown },
    presence: true,
  },
  {
    rule: "server-name",
    type,
    pass: { label: { name: "prod-general-1" }, "Pulumi's own": {} },
    fail: {
      long: { props: { name: "a".repeat(64) }, says: "has 64 characters" },
      "upper case": { props: { name: "Prod-1" }, says: "is no DNS label" },
      "ends with a hyphen": { props: { name: "prod-" }, says: "is no DNS label" },
    },
    unknown: { name: unknown },
  },
  {
    rule: "server-backups",
    type,
    pass: {
      "with backups": { labels: { "orrery.dev/stateful": "true" }, backups: true },
      "nothing on it": { labels: {} },
    },
    fail: { none: { props: { labels: { "orrery.dev/stateful": "true" } }, says: "no backups" } },
    unknown: { labels: unknown },
  },
  {
    rule: "server-public-ipv4",
    type,
    config: { workers: "advised-against" },
    pass: {
      none: { publicNets: [{ ipv4Enabled: false, ipv6Enabled: true }] },
      "control planes need one": { ...controlPlane, publicNets: [{ ipv4Enabled: true }] },
    },
    fail: {
      asked: { props: { publicNets: [{ ipv4Enabled: true }] }, says: "a worker has a public IPv4" },
      "Hetzner's default": { props: {}, says: "a worker has a public IPv4" },
    },
    unknown: { publicNets: unknown },
  },
  {
    rule: "hcloud-labels",
    type,
    pass: { labelled: { labels }, more: { labels: { ...labels, team: "data" } } },
    fail: {
      "others only": {
        props: { labels: { team: "data" } },
        says: "no label managed-by; it has no label orrery.dev/cluster",
      },
      none: { props: {}, says: "no label managed-by" },
      empty: { props: { labels: { ...labels, "managed-by": "" } }, says: "no label managed-by" },
      refused: { props: { labels: { ...labels, hash: "a".repeat(64) } }, says: "which Hetzner refuses" },
    },
    unknown: { labels: unknown },
  },
  {
    rule: "volume-size",
    type: "hcloud:index/volume:Volume",
    pass: { located: { size: 10, location: "fsn1" }, attached: { size: 10_240, serverId: unknown } },
    fail: {
      small: { props: { size: 9, location: "fsn1" }, says: "size is 9 GB" },
      large: { props: { size: 10_241, location: "fsn1" }, says: "size is 10241 GB" },
      nowhere: { props: { size: 10 }, says: "it has no place" },
      "two places": { props: { size: 10, location: "fsn1", serverId: 1 }, says: "both location and serverId" },
    },
    unknown: { size: unknown, location: "fsn1" },
  },
];
