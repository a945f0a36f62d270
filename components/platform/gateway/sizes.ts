import { type Resources, resources, type Size } from "../../kit/sizes";

/** Envoy Gateway's own default for a proxy is 100m and 512 MiB; most connections fit into that. */
const proxies: Readonly<Record<Size, Resources>> = {
  small: resources(100, 512, 1024),
  medium: resources(500, 1024, 2048),
  large: resources(2000, 2048, 4096),
};

/** Requests and memory limit of one pod that passes requests on. */
export function proxyResources(size: Size): Resources {
  return proxies[size];
}
