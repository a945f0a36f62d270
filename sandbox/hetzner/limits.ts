/**
 * What one project may hold. Hetzner sets the first group for each customer (these are what a project gets after its
 * first raise); the second group is the product's own and cannot be raised.
 */
export interface Limits {
  servers: number;
  volumes: number;
  loadBalancers: number;
  primaryIps: number;
  snapshots: number;
  networks: number;
  firewalls: number;
  placementGroups: number;
  sshKeys: number;

  serversPerNetwork: number;
  subnetsPerNetwork: number;
  routesPerNetwork: number;
  networksPerServer: number;
  volumesPerServer: number;
  aliasIpsPerServer: number;
  serversPerSpreadGroup: number;
  rulesPerFirewall: number;
  effectiveRulesPerServer: number;
  cidrsPerRule: number;
  firewallsPerServer: number;
}

export const defaultLimits: Limits = {
  servers: 100,
  volumes: 200,
  loadBalancers: 25,
  primaryIps: 250,
  snapshots: 100,
  networks: 50,
  firewalls: 50,
  placementGroups: 50,
  sshKeys: 100,

  serversPerNetwork: 100,
  subnetsPerNetwork: 50,
  routesPerNetwork: 100,
  networksPerServer: 3,
  volumesPerServer: 16,
  aliasIpsPerServer: 5,
  serversPerSpreadGroup: 10,
  rulesPerFirewall: 50,
  effectiveRulesPerServer: 500,
  cidrsPerRule: 100,
  firewallsPerServer: 5,
};
