export { HOSTS_PORT_NAME, OutsideHosts, type OutsideHostsArgs } from "./hosts";
