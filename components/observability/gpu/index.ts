export { GpuExporter, type GpuExporterArgs } from "./gpu-exporter";
