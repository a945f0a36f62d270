export { tempoStorageGiB } from "./sizes";
export { Tempo, type TempoArgs, type TempoBucket } from "./tempo";
