export { Mimir, type MimirArgs } from "./mimir";
export { mimirFigures, neededGiB } from "./sizes";
