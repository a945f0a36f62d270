import { isMap, type PropertyMap, unwrapSecrets } from "./values";

/** Provider configuration reaches a provider as text, as JSON text or as itself, depending on SDK and origin. */
function configValue(config: PropertyMap, key: string): unknown {
  const value = unwrapSecrets(config[key]);
  return value === null ? undefined : value;
}

export function configString(config: PropertyMap, key: string): string | undefined {
  const value = configValue(config, key);
  return value === undefined ? undefined : String(value);
}

export function configBoolean(config: PropertyMap, key: string): boolean | undefined {
  const value = configValue(config, key);
  if (value === undefined || value === "") {
    return undefined;
  }
  if (value === true || value === "true") {
    return true;
  }
  if (value === false || value === "false") {
    return false;
  }
  throw new Error(`${key} is ${JSON.stringify(value)}, but must be true or false`);
}

export function configNumber(config: PropertyMap, key: string): number | undefined {
  const value = configValue(config, key);
  if (value === undefined || value === "") {
    return undefined;
  }
  const number = Number(value);
  if (Number.isNaN(number)) {
    throw new Error(`${key} is ${JSON.stringify(value)}, but must be a number`);
  }
  return number;
}

export function configObject(config: PropertyMap, key: string): PropertyMap | undefined {
  const value = configValue(config, key);
  if (value === undefined || value === "") {
    return undefined;
  }
  const parsed: unknown = typeof value === "string" ? JSON.parse(value) : value;
  if (!isMap(parsed)) {
    throw new Error(`${key} is ${JSON.stringify(value)}, but must be an object`);
  }
  return parsed;
}
